/**
 * How the layers of the open project fare: what its latest run said last, judged, for those layers that are still
 * what was trained. Pulled while the run goes on, one question at a time.
 */
import { create } from 'zustand';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { GraphNode, NodeId } from '../../engine/graph/document.ts';
import { expand } from '../../engine/graph/expand.ts';
import { type HealthFinding, judgeHealth, worstFirst } from '../../engine/graph/healthFindings.ts';
import { studio } from './connection.ts';
import { useWholeInference, wholeInferenceNow } from './documentInference.ts';
import { useDocument } from './openDocument.ts';
import { puller } from './pulled.ts';
import { isActive, useStudio } from './studioState.ts';

interface HealthState {
  /** The run that it is of; null where this project has none that began to learn. */
  run: RunSummary | null;
  /** The layers that were trained, by name; null until they are read. */
  trained: ReadonlyMap<string, GraphNode> | null;
  /** Counted from 1; 0 where nothing was said yet. */
  step: number;
  found: ReadonlyMap<string, readonly HealthFinding[]>;
}

const UNKNOWN: HealthState = { run: null, trained: null, step: 0, found: new Map() };

export const useHealth = create<HealthState>(() => UNKNOWN);

/** By the ids of layers in the whole network, and of copies of blocks: theirs is that of the layers in them. */
type Findings = ReadonlyMap<NodeId, readonly HealthFinding[]>;

/** What is found of each node, the worst first. Empty where no layer is what was trained. */
export const useFindings = create<{ byNode: Findings }>(() => ({ byNode: new Map() }));

const pull = puller('The health of a run', async () => {
  const { run, trained: known, step } = useHealth.getState();
  if (!run) return;
  const trained = known ?? layersByName((await studio().run(run.id)).document.graph);
  const health = await studio().runHealth(run.id, step);
  const news = health && { step: health.step, found: judgeHealth(health.nodes) };
  if (useHealth.getState().run?.id === run.id) useHealth.setState({ trained, ...news });
});

useStudio.subscribe((state, before) => state.runs !== before.runs && refreshHealth());
useDocument.subscribe((state, before) => state.project !== before.project && refreshHealth());
useHealth.subscribe(assign);
useWholeInference.subscribe((state, before) => state.graph !== before.graph && assign());

/** Turns to the run that the project is at, and asks what is new of it. */
function refreshHealth(): void {
  const run = runOf(useDocument.getState().project);
  const known = useHealth.getState();
  // A run that is taken up again from a checkpoint lies before what was known of it.
  if (run?.id !== known.run?.id || (run && run.step < known.step)) useHealth.setState({ ...UNKNOWN, run });
  else if (run !== known.run) useHealth.setState({ run });
  else return;
  pull();
}

/** The project's run that is under way, else its latest; null where none came to a step. */
function runOf(project: Id | null): RunSummary | null {
  let chosen: RunSummary | null = null;
  const rank = (run: RunSummary) => (isActive(run) ? Number.POSITIVE_INFINITY : run.startedAt);
  for (const run of Object.values(useStudio.getState().runs)) {
    if (project === null || run.project !== project || run.step === 0) continue;
    if (!chosen || rank(run) > rank(chosen)) chosen = run;
  }
  return chosen;
}

function layersByName(graph: Parameters<typeof expand>[0]): ReadonlyMap<string, GraphNode> {
  return new Map(Object.values(expand(graph).graph.nodes).map(node => [node.name, node]));
}

/** Gives what is known to the layers that are what was trained. */
function assign(): void {
  const { trained, found } = useHealth.getState();
  const byNode = new Map<NodeId, readonly HealthFinding[]>();
  if (trained && found.size > 0) {
    for (const [id, node] of Object.entries(wholeInferenceNow().graph.nodes)) {
      const findings = isSameLayer(node, trained.get(node.name)) ? found.get(node.name) : undefined;
      if (!findings) continue;
      for (const whole of copiesAround(id)) byNode.set(whole, [...(byNode.get(whole) ?? []), ...findings]);
      byNode.set(id, findings);
    }
  }
  for (const [id, findings] of byNode) if (findings.length > 1) byNode.set(id, findings.toSorted(worstFirst));
  if (byNode.size > 0 || useFindings.getState().byNode.size > 0) useFindings.setState({ byNode });
}

function isSameLayer(now: GraphNode, trained: GraphNode | undefined): boolean {
  return now.kind === trained?.kind && JSON.stringify(now.params) === JSON.stringify(trained.params);
}

/** The copies of blocks that a layer stands in: `a/0/b/1/conv` in `a` and in `a/0/b`. */
function copiesAround(id: NodeId): NodeId[] {
  const parts = id.split('/');
  return parts.flatMap((_, i) => (i % 2 === 1 ? [parts.slice(0, i).join('/')] : []));
}
