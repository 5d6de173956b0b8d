/**
 * Which layers learn: a frozen one keeps its weights, and a normalisation its statistics, while others are trained. Of
 * a frozen copy of a block, all layers are. A kind that has a parameter for it is frozen by that.
 */
import { layerKind } from '../layers/registry.ts';
import type { Graph, GraphNode, NodeId } from './document.ts';

export function isFrozen(node: GraphNode): boolean {
  return node.frozen === true || (hasParameter(node) && node.params.frozen === true);
}

/** Freezes nodes, or lets them learn again. What is frozen already, or learns already, stays the same object. */
export function setFrozen(graph: Graph, ids: readonly NodeId[], frozen: boolean): Graph {
  const concerned = ids.filter(id => graph.nodes[id] && isFrozen(graph.nodes[id]) !== frozen);
  if (concerned.length === 0) return graph;
  const nodes = { ...graph.nodes };
  for (const id of concerned) {
    const { frozen: _before, ...node } = nodes[id]!;
    if (hasParameter(node)) nodes[id] = { ...node, params: { ...node.params, frozen } };
    else nodes[id] = frozen ? { ...node, frozen: true } : node;
  }
  return { ...graph, nodes };
}

function hasParameter({ kind }: GraphNode): boolean {
  return 'frozen' in (layerKind(kind)?.fields ?? {});
}
