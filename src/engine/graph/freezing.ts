/**
 * Which layers learn: a frozen one keeps its weights, and a normalisation its statistics, while others are trained. Of
 * a frozen copy of a block, all layers are.
 */
import type { Graph, NodeId } from './document.ts';

/** Freezes nodes, or lets them learn again. What is frozen already, or learns already, stays the same object. */
export function setFrozen(graph: Graph, ids: readonly NodeId[], frozen: boolean): Graph {
  const concerned = ids.filter(id => graph.nodes[id] && Boolean(graph.nodes[id].frozen) !== frozen);
  if (concerned.length === 0) return graph;
  const nodes = { ...graph.nodes };
  for (const id of concerned) {
    const { frozen: _before, ...node } = nodes[id]!;
    nodes[id] = frozen ? { ...node, frozen: true } : node;
  }
  return { ...graph, nodes };
}
