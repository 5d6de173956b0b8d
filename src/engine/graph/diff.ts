/**
 * What differs between two graphs. Nodes are matched by identity first, for two states of one project share their
 * ids; then, among the rest, by structure: kind and name, then kind and what surrounds them. Where a node lies on
 * the canvas is no difference.
 */
import { blockOf } from './blocks.ts';
import type { Block, Edge, Graph, GraphNode, NodeId } from './document.ts';
import { infer, inferredAt } from './infer.ts';

export interface ParamChange {
  readonly name: string;
  /** Undefined where the graph does not say: the kind's own initial value holds. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface NodeChange {
  readonly before: NodeId;
  readonly after: NodeId;
  /** Its name in the second graph. */
  readonly name: string;
  /** Set where it was called otherwise. */
  readonly renamedFrom: string | null;
  /** Set where it was of another kind. */
  readonly kindBefore: string | null;
  readonly params: readonly ParamChange[];
  readonly deltaParams: number;
  readonly deltaMacs: number;
}

export interface GraphDiff {
  /** Of the first graph to those of the second. */
  readonly matches: ReadonlyMap<NodeId, NodeId>;
  /** Ids of the second graph. */
  readonly added: readonly NodeId[];
  /** Ids of the first graph. */
  readonly removed: readonly NodeId[];
  /** Matched nodes that are not the same, or that cost something else because of what comes before. */
  readonly changed: readonly NodeChange[];
  /** Edges of the second graph that join matched nodes otherwise than before. */
  readonly addedEdges: readonly Edge[];
  /** Edges of the first graph between matched nodes that are gone. */
  readonly removedEdges: readonly Edge[];
  readonly deltaParams: number;
  readonly deltaMacs: number;
}

export function diffGraphs(before: Graph, after: Graph): GraphDiff {
  const matches = matchNodes(before, after);
  const back = new Map([...matches].map(([from, to]) => [to, from]));
  const [old, fresh] = [infer(before), infer(after)];
  const changed = Object.keys(before.nodes).flatMap((from): NodeChange[] => {
    const to = matches.get(from);
    if (to === undefined) return [];
    const [a, b] = [before.nodes[from]!, after.nodes[to]!];
    const [was, is] = [inferredAt(old, from)?.figures, inferredAt(fresh, to)?.figures];
    const change: NodeChange = {
      before: from,
      after: to,
      name: b.name,
      renamedFrom: a.name === b.name ? null : a.name,
      kindBefore: a.kind === b.kind ? null : a.kind,
      params: [
        ...changedParams(was?.params ?? a.params, is?.params ?? b.params),
        ...changedBlock(before, a, after, b),
      ],
      deltaParams: (is?.parameters ?? 0) - (was?.parameters ?? 0),
      deltaMacs: (is?.macs ?? 0) - (was?.macs ?? 0),
    };
    const { renamedFrom, kindBefore, params, deltaParams, deltaMacs } = change;
    const isSame = renamedFrom === null && kindBefore === null && params.length === 0;
    return isSame && deltaParams === 0 && deltaMacs === 0 ? [] : [change];
  });
  const key = ({ source, target, input }: Edge) => `${source}\n${target}\n${input}`;
  const [oldEdges, newEdges] = [new Set(before.edges.map(key)), new Set(after.edges.map(key))];
  const translated = (edge: Edge, ids: ReadonlyMap<NodeId, NodeId>): Edge | undefined => {
    const [source, target] = [ids.get(edge.source), ids.get(edge.target)];
    return source === undefined || target === undefined ? undefined : { ...edge, source, target };
  };
  const isNew = (edge: Edge, ids: ReadonlyMap<NodeId, NodeId>, others: ReadonlySet<string>) => {
    const same = translated(edge, ids);
    return same !== undefined && !others.has(key(same));
  };
  return {
    matches,
    added: Object.keys(after.nodes).filter(id => !back.has(id)),
    removed: Object.keys(before.nodes).filter(id => !matches.has(id)),
    changed,
    addedEdges: after.edges.filter(edge => isNew(edge, back, oldEdges)),
    removedEdges: before.edges.filter(edge => isNew(edge, matches, newEdges)),
    deltaParams: fresh.totals.parameters - old.totals.parameters,
    deltaMacs: fresh.totals.macs - old.totals.macs,
  };
}

/** What a block holds is told apart by its layers; how they lie in it is no difference. */
function changedBlock(before: Graph, a: GraphNode, after: Graph, b: GraphNode): ParamChange[] {
  const [was, is] = [blockOf(before, a), blockOf(after, b)];
  if (!was || !is) return [];
  const holds = ({ graph: { nodes, edges } }: Block) => {
    const layers = Object.entries(nodes).map(([id, { x: _x, y: _y, ...node }]) => [id, node]);
    return JSON.stringify([layers.toSorted(), edges]);
  };
  if (holds(was) === holds(is)) return [];
  const layers = ({ graph }: Block) => `${Object.keys(graph.nodes).length} nodes`;
  return [{ name: 'inside', before: layers(was), after: `${layers(is)}, changed` }];
}

function changedParams(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): ParamChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map(name => ({ name, before: before[name], after: after[name] }));
}

function matchNodes(before: Graph, after: Graph): Map<NodeId, NodeId> {
  const matches = new Map<NodeId, NodeId>();
  const taken = new Set<NodeId>();
  const match = (from: NodeId, to: NodeId) => {
    matches.set(from, to);
    taken.add(to);
  };
  for (const [id, node] of Object.entries(before.nodes)) {
    if (after.nodes[id]?.kind === node.kind) match(id, id);
  }
  const free = () => Object.entries(after.nodes).filter(([id]) => !taken.has(id));
  const pair = (isAlike: (from: NodeId, a: GraphNode, to: NodeId, b: GraphNode) => boolean) => {
    for (const [from, a] of Object.entries(before.nodes)) {
      if (matches.has(from)) continue;
      const to = free().find(([id, b]) => isAlike(from, a, id, b))?.[0];
      if (to !== undefined) match(from, to);
    }
  };
  pair((_from, a, _to, b) => a.kind === b.kind && a.name === b.name);
  const neighbours = surroundings(before, after, matches);
  // Each round can tell the next node by the ones just matched; no round is needed that matches nothing.
  for (let size = -1; size !== matches.size; ) {
    size = matches.size;
    pair((from, a, to, b) => a.kind === b.kind && neighbours(from, to) === 'both');
    if (size === matches.size) pair((from, a, to, b) => a.kind === b.kind && neighbours(from, to) === 'one');
  }
  // The same node under another kind: what its place and name say it is.
  for (const [id] of Object.entries(before.nodes)) {
    if (!matches.has(id) && after.nodes[id] && !taken.has(id)) match(id, id);
  }
  pair((from, a, to, b) => a.name === b.name && neighbours(from, to) !== 'none');
  return matches;
}

/** Whether two nodes are fed by matched nodes, and feed matched nodes. */
function surroundings(before: Graph, after: Graph, matches: ReadonlyMap<NodeId, NodeId>) {
  const list = (graph: Graph, end: 'source' | 'target') => {
    const map = new Map<NodeId, NodeId[]>();
    const other = end === 'source' ? 'target' : 'source';
    for (const edge of graph.edges) map.set(edge[end], [...(map.get(edge[end]) ?? []), edge[other]]);
    return (id: NodeId) => map.get(id) ?? [];
  };
  const [fromA, fromB] = [list(before, 'source'), list(after, 'source')];
  const [intoA, intoB] = [list(before, 'target'), list(after, 'target')];
  const meets = (a: readonly NodeId[], b: readonly NodeId[]) =>
    a.some(id => matches.has(id) && b.includes(matches.get(id)!));
  return (from: NodeId, to: NodeId): 'both' | 'one' | 'none' => {
    const [above, below] = [meets(intoA(from), intoB(to)), meets(fromA(from), fromB(to))];
    return above && below ? 'both' : above || below ? 'one' : 'none';
  };
}
