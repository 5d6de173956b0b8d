/** Who feeds whom: the edges of a graph, found by the node that they flow into. */
import type { Edge, NodeId } from './document.ts';

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
