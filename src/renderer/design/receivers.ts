/** Where a dragged edge could lead to, so that those ports light up. */
import { inputsOf } from '../../engine/graph/blocks.ts';
import type { Edge, Graph, NodeId } from '../../engine/graph/document.ts';
import { disconnect } from '../../engine/graph/edits.ts';
import { type EdgeEnd, reachedFrom } from '../../engine/graph/wiring.ts';

/** Nodes that an edge from this one could lead to: all that take an input and do not feed the node themselves. */
export function receiversOf(graph: Graph, source: NodeId): Set<NodeId> {
  // One walk answers for the whole graph; asking refusesEdge of each node would walk for each.
  const upstream = reachedFrom(graph, [source], 'up');
  const ids = Object.keys(graph.nodes);
  return new Set(ids.filter(id => !upstream.has(id) && inputsOf(graph, graph.nodes[id]!) !== 0));
}

/** Nodes that an edge into this one could come from: all that it does not feed. */
export function feedersOf(graph: Graph, target: NodeId): Set<NodeId> {
  const downstream = reachedFrom(graph, [target], 'down');
  return new Set(Object.keys(graph.nodes).filter(id => !downstream.has(id)));
}

/** Where one end of an edge could lie instead. */
export function placesFor(graph: Graph, edge: Edge, end: EdgeEnd): Set<NodeId> {
  const without = disconnect(graph, edge);
  return end === 'target' ? receiversOf(without, edge.source) : feedersOf(without, edge.target);
}
