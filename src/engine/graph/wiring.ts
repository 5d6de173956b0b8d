/** Connections of a graph: edges by target, and upstream and downstream nodes. */
import type { Drawing, Edge, NodeId } from './document.ts';

/** The edges into each node, by input order. Nodes without incoming edges are missing. */
export function edgesInto(edges: readonly Edge[]): Map<NodeId, Edge[]> {
  const into = new Map<NodeId, Edge[]>();
  for (const edge of edges) {
    const others = into.get(edge.target);
    if (others) others.push(edge);
    else into.set(edge.target, [edge]);
  }
  for (const edgesOfOne of into.values()) edgesOfOne.sort((a, b) => a.input - b.input);
  return into;
}

export type EdgeEnd = 'source' | 'target';

/** These nodes and everything upstream (`up`) or downstream (`down`). */
export function reachedFrom(
  { edges }: Pick<Drawing, 'edges'>,
  ids: Iterable<NodeId>,
  direction: 'up' | 'down',
): Set<NodeId> {
  const [from, to]: [EdgeEnd, EdgeEnd] = direction === 'up' ? ['target', 'source'] : ['source', 'target'];
  const next = Map.groupBy(edges, edge => edge[from]);
  const reached = new Set(ids);
  for (const id of reached) for (const edge of next.get(id) ?? []) reached.add(edge[to]);
  return reached;
}
