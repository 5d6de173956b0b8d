/**
 * Where nodes lie when a network is laid out from top to bottom: layers of a directed graph (Sugiyama), by dagre.
 * Pure: it runs in layoutWorker.ts, beside the window's thread.
 */
import { Graph, layout } from '@dagrejs/dagre';
import type { Edge, NodeId } from '../../engine/graph/document.ts';
import { NODE_PITCH, type Position } from '../../engine/graph/edits.ts';
import { NODE_SIZE } from '../../engine/graph/rect.ts';

export interface LayoutTask {
  readonly nodes: readonly NodeId[];
  readonly edges: readonly Edge[];
}

/** A chain's edges pull harder than a shortcut's, so that chains stay straight. */
const CHAIN_EDGE_WEIGHT = 8;

export function layOutGraph({ nodes, edges }: LayoutTask): Record<NodeId, Position> {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 36, edgesep: 24, ranksep: NODE_PITCH - NODE_SIZE.height });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of nodes) graph.setNode(id, { ...NODE_SIZE });
  const [leaving, entering] = [new Map<NodeId, number>(), new Map<NodeId, number>()];
  for (const { source, target } of edges) {
    leaving.set(source, (leaving.get(source) ?? 0) + 1);
    entering.set(target, (entering.get(target) ?? 0) + 1);
  }
  for (const { source, target, input } of edges) {
    const isChain = leaving.get(source) === 1 && entering.get(target) === 1;
    graph.setEdge(source, target, { weight: isChain ? CHAIN_EDGE_WEIGHT : 1 }, String(input));
  }
  layout(graph);
  return Object.fromEntries(
    nodes.map(id => {
      // Dagre says where the middle is.
      const { x = 0, y = 0 } = graph.node(id) as Partial<Position>;
      return [id, { x: Math.round(x - NODE_SIZE.width / 2), y: Math.round(y - NODE_SIZE.height / 2) }];
    }),
  );
}
