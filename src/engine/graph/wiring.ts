/** Who feeds whom: the edges of a graph, found by the node that they flow into, and who is up- or downstream. */
import type { Drawing, Edge, NodeId } from './document.ts';

/** The edges into each node, in the order of its inputs. A node that nothing flows into is not there. */
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

/** These nodes and all that feed them (`up`), or all that they feed (`down`). */
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
