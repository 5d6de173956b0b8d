/** Edits of the data flow: bypassing nodes, moving an edge's end. */
import type { Edge, Graph, GraphNode, NodeId } from './document.ts';
import { connect, disconnect, refusesEdge } from './edits.ts';
import type { EdgeEnd } from './wiring.ts';

/** Bypasses nodes; if all of them are bypassed already, stops bypassing them. */
export function toggleBypass(graph: Graph, ids: readonly NodeId[]): Graph {
  const there = ids.filter(id => graph.nodes[id]);
  const restores = there.every(id => graph.nodes[id]!.bypassed);
  const changed = there.map((id): [NodeId, GraphNode] => {
    const { bypassed: _, ...node } = graph.nodes[id]!;
    return [id, restores ? node : { ...node, bypassed: true }];
  });
  return there.length === 0 ? graph : { ...graph, nodes: { ...graph.nodes, ...Object.fromEntries(changed) } };
}

/** The edge with one end at another node. */
function movedEnd(edge: Edge, end: EdgeEnd, to: NodeId): Edge {
  return end === 'source' ? { ...edge, source: to } : { ...edge, target: to, input: 0 };
}

/** Why an edge's end cannot be moved to this node; undefined where it can. */
export function refusesEnd(graph: Graph, edge: Edge, end: EdgeEnd, to: NodeId): string | undefined {
  return edge[end] === to ? undefined : refusesEdge(disconnect(graph, edge), movedEnd(edge, end, to));
}

/** Moves one end of an edge to another node. A refused edge stays. */
export function moveEnd(graph: Graph, edge: Edge, end: EdgeEnd, to: NodeId): Graph {
  if (edge[end] === to || refusesEnd(graph, edge, end, to)) return graph;
  return connect(disconnect(graph, edge), movedEnd(edge, end, to));
}
