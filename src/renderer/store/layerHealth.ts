/**
 * How the layers of the open project fare: what its latest run said last, judged, for those layers that are still
 * what was trained. Pulled while the run goes on, one question at a time.
 */
import { useSyncExternalStore } from 'react';
import { create } from 'zustand';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { Graph, GraphNode, NodeId } from '../../engine/graph/document.ts';
import { expand } from '../../engine/graph/expand.ts';
import { type HealthFinding, judgeHealth, worstFirst } from '../../engine/graph/healthFindings.ts';
import { studio } from './connection.ts';
import { keepingLast } from './keepingLast.ts';
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

const pull = puller('The health of a run', async () => {
  const { run, trained: known, step } = useHealth.getState();
  if (!run) return;
  const trained = known ?? layersByName((await studio().run(run.id)).document.graph);
  const health = await studio().runHealth(run.id, step);
  const news = health && { step: health.step, found: judgeHealth(health.nodes) };
  if (useHealth.getState().run?.id === run.id) useHealth.setState({ trained, ...news });
});

/** From now on the health is that of the open project's run. */
export function startHealth(): void {
  useStudio.subscribe((state, before) => state.runs !== before.runs && refreshHealth());
  useDocument.subscribe((state, before) => state.project !== before.project && refreshHealth());
}

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

const NO_FINDINGS: Findings = new Map();

/** What is found of each node, the worst first. Empty where no layer is what was trained. */
export function useFindings<T>(select: (of: { byNode: Findings }) => T): T {
  return useSyncExternalStore(subscribe, () => select({ byNode: findingsNow() }));
}

/** Findings follow from what is known of the run and from the open document. */
function subscribe(listener: () => void): () => void {
  const unsubscribes = [useHealth.subscribe(listener), useDocument.subscribe(listener)];
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe();
  };
}

function findingsNow(): Findings {
  const { run, trained, found } = useHealth.getState();
  const { project, wholeInference } = useDocument.getState();
  return run?.project === project ? findingsOf(wholeInference.graph, trained, found) : NO_FINDINGS;
}

/** Gives what is known to the layers that are what was trained. */
const findingsOf = keepingLast(
  (graph: Graph, trained: HealthState['trained'], found: HealthState['found']): Findings => {
    if (!trained || found.size === 0) return NO_FINDINGS;
    const byNode = new Map<NodeId, readonly HealthFinding[]>();
    for (const [id, node] of Object.entries(graph.nodes)) {
      const findings = isSameLayer(node, trained.get(node.name)) ? found.get(node.name) : undefined;
      if (!findings) continue;
      for (const whole of copiesAround(id)) byNode.set(whole, [...(byNode.get(whole) ?? []), ...findings]);
      byNode.set(id, findings);
    }
    for (const [id, findings] of byNode)
      if (findings.length > 1) byNode.set(id, findings.toSorted(worstFirst));
    return byNode;
  },
);

function isSameLayer(now: GraphNode, trained: GraphNode | undefined): boolean {
  return now.kind === trained?.kind && JSON.stringify(now.params) === JSON.stringify(trained.params);
}

/** The copies of blocks that a layer stands in: `a/0/b/1/conv` in `a` and in `a/0/b`. */
function copiesAround(id: NodeId): NodeId[] {
  const parts = id.split('/');
  return parts.flatMap((_, i) => (i % 2 === 1 ? [parts.slice(0, i).join('/')] : []));
}
