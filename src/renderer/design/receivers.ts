/** Which nodes an edge from a node could lead to: all that take an input and do not feed the node themselves. */
import { inputsOf } from '../../engine/graph/blocks.ts';
import type { Graph, NodeId } from '../../engine/graph/document.ts';

/** One walk upstream answers for the whole graph; asking refusesEdge of each node would walk for each. */
export function receiversOf(graph: Graph, source: NodeId): Set<NodeId> {
  const sources = new Map<NodeId, NodeId[]>();
  for (const edge of graph.edges) {
    sources.set(edge.target, [...(sources.get(edge.target) ?? []), edge.source]);
  }
  const upstream = new Set([source]);
  for (const id of upstream) for (const before of sources.get(id) ?? []) upstream.add(before);
  const ids = Object.keys(graph.nodes);
  return new Set(ids.filter(id => !upstream.has(id) && inputsOf(graph, graph.nodes[id]!) !== 0));
}
