/**
 * Which node of one drawing is which of another. By identity first, for two states of one project share their ids;
 * then, among the rest, by structure: kind and name, then kind and what surrounds them.
 */
import type { Drawing, GraphNode, NodeId } from './document.ts';

/** @returns ids of the second drawing by those of the first */
export function matchNodes(before: Drawing, after: Drawing): Map<NodeId, NodeId> {
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
function surroundings(before: Drawing, after: Drawing, matches: ReadonlyMap<NodeId, NodeId>) {
  const list = (graph: Drawing, end: 'source' | 'target') => {
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
