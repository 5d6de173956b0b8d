/**
 * The inference of one drawing, by the ids that nodes have in it: of the network, or of a block within one of its
 * copies. With it, a canvas can show a drawing without knowing of others.
 */
import type { Graph, NodeId } from './document.ts';
import { topologicalOrder } from './infer.ts';
import { type Inference, inferredAt, type NodeInference } from './inference.ts';

/** @param drawing the drawing at this scope (drawings.ts) */
export function scopedInference(whole: Inference, drawing: Graph, scope: string): Inference {
  if (scope === '' && whole.copies.size === 0) return whole;
  const nodes = new Map<NodeId, NodeInference>();
  for (const id of Object.keys(drawing.nodes)) {
    const inferred = inferredAt(whole, scope + id);
    if (inferred) nodes.set(id, inferred);
  }
  const { order } = topologicalOrder(drawing);
  const feeding = new Set(drawing.edges.map(({ source }) => source));
  return {
    drawn: drawing,
    graph: drawing,
    nodes,
    copies: whole.copies,
    order,
    outputs: order.filter(id => !feeding.has(id)),
    totals: whole.totals,
    part: { whole, nodeHere: id => drawnNode(id, scope) },
  };
}

/**
 * The node of a drawing that a layer is or belongs to; null for the network as a whole; undefined where it is in
 * another drawing.
 */
export function drawnNode(id: NodeId | null, scope: string): NodeId | null | undefined {
  if (id === null) return scope === '' ? null : undefined;
  if (!id.startsWith(scope)) return undefined;
  const local = id.slice(scope.length);
  const slash = local.indexOf('/');
  return slash < 0 ? local : local.slice(0, slash);
}
