/**
 * From graph to picture: what React Flow draws, derived from document, inference and selection. A node or an
 * edge that did not change stays the same object, so that a thousand of them cost no more than the one edited.
 */
import { type Edge as FlowEdgeOf, type Node as FlowNodeOf, Position as Side } from '@xyflow/react';
import { useMemo } from 'react';
import { blockOf, inputsOf, isBlockInput, repeatOf } from '../../engine/graph/blocks.ts';
import type { Severity } from '../../engine/graph/diagnosis.ts';
import { diagnose } from '../../engine/graph/diagnostics/diagnose.ts';
import type { Edge, Graph, GraphNode, NodeId } from '../../engine/graph/document.ts';
import type { Position } from '../../engine/graph/edits.ts';
import type { Inference, NodeInference } from '../../engine/graph/inference.ts';
import { NODE_SIZE } from '../../engine/graph/rect.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { edgeKey } from '../store/canvasSelection.ts';
import { sharingWithLast } from '../store/keepingLast.ts';
import { plural } from '../ui/numberFormat.ts';
import type { FlowId, Placed } from './flowId.ts';

/** Size of every node, in canvas pixels. */
export const NODE = NODE_SIZE;

const HANDLE_SIZE = 9;

export type LayerFlowNode = FlowNodeOf<
  {
    name: string;
    /** What it is: its kind, or the name of the block that it is a copy of. */
    kindName: string;
    /** Whether data flows past it. */
    bypassed: boolean;
    inferred: NodeInference | undefined;
    block: ShownBlock | null;
    hasInputs: boolean;
    /** The worst that is wrong with it. */
    severity: Severity | null;
  },
  'layer'
>;

/** What a copy of a block shows beside its name. */
export interface ShownBlock {
  readonly detail: string;
  readonly repeat: number;
}

export type ShapeFlowEdge = FlowEdgeOf<{ edge: Edge; text: string; bad: boolean }, 'shape'>;

interface FlowPicture {
  nodes: LayerFlowNode[];
  edges: ShapeFlowEdge[];
}

interface FlowInputs {
  graph: Graph;
  inference: Inference;
  selected: ReadonlySet<NodeId>;
  selectedEdge: string | null;
  /** Where nodes are while they move; the document learns of it when they are let go. */
  moving: Readonly<Record<FlowId, Placed>>;
}

/** The picture of a graph; shares with the picture before what did not change. */
const pictureOf = sharingWithLast<FlowInputs, FlowPicture>(draw, { nodes: [], edges: [] });

export function usePicture({ graph, inference, selected, selectedEdge, moving }: FlowInputs): FlowPicture {
  return useMemo(
    () => pictureOf({ graph, inference, selected, selectedEdge, moving }),
    [graph, inference, selected, selectedEdge, moving],
  );
}

function draw(subject: FlowInputs, before: FlowPicture): FlowPicture {
  const { graph, inference } = subject;
  const severities = worstByNode(inference);
  const oldNodes = new Map(before.nodes.map(node => [node.id, node]));
  const oldEdges = new Map(before.edges.map(edge => [edge.id, edge]));
  // In the order in which data flows, so that Tab walks through the network.
  const ids = new Set([...inference.order, ...Object.keys(graph.nodes)]);
  const nodes = [...ids].flatMap(id => {
    const node = graph.nodes[id];
    return node ? drawNode(subject, id, node, severities.get(id) ?? null, oldNodes.get(id)) : [];
  });
  const edges = graph.edges
    .filter(({ source, target }) => source in graph.nodes && target in graph.nodes)
    .map(edge => {
      const isBad = severities.get(edge.target) === 'error';
      return drawEdge(subject, edge, isBad, oldEdges.get(edgeKey(edge)));
    });
  return { nodes, edges };
}

function drawNode(
  { graph, inference, selected, moving }: FlowInputs,
  id: NodeId,
  node: GraphNode,
  severity: Severity | null,
  old: LayerFlowNode | undefined,
): LayerFlowNode {
  const { x, y } = moving[id] ?? node;
  const inferred = inference.nodes.get(id);
  const face = faceOf(graph, node);
  if (
    old?.data.inferred === inferred &&
    old?.data.severity === severity &&
    old.data.name === node.name &&
    isSameFace(old.data, face) &&
    old.selected === selected.has(id) &&
    old.dragging === id in moving &&
    old.position.x === x &&
    old.position.y === y
  ) {
    return old;
  }
  return {
    id,
    type: 'layer',
    position: { x, y },
    ...NODE,
    measured: NODE,
    handles: handlesOf(face.hasInputs),
    selected: selected.has(id),
    dragging: id in moving,
    data: { name: node.name, ...face, bypassed: node.bypassed === true, inferred, severity },
    ariaLabel: nodeLabel(node.name, face.kindName, inferred) + (node.bypassed ? ', bypassed' : ''),
    // A selected node lies over others that it overlaps.
    zIndex: selected.has(id) ? 10 : 0,
  };
}

function drawEdge(
  { graph, inference, selectedEdge }: FlowInputs,
  edge: Edge,
  bad: boolean,
  old: ShapeFlowEdge | undefined,
): ShapeFlowEdge {
  const id = edgeKey(edge);
  const figures = inference.nodes.get(edge.source)?.figures;
  const text = figures ? shapeText(figures.shape) : '?';
  const isSelected = id === selectedEdge;
  if (old?.data?.text === text && old.data.bad === bad && old.selected === isSelected) return old;
  const [from, to] = [graph.nodes[edge.source]!.name, graph.nodes[edge.target]!.name];
  return {
    id,
    type: 'shape',
    source: edge.source,
    target: edge.target,
    selected: isSelected,
    data: { edge, text, bad },
    ariaLabel: `${from} to ${to}, ${text}`,
  };
}

type Face = Pick<LayerFlowNode['data'], 'kindName' | 'block' | 'hasInputs'>;

/** What is drawn of a node beyond what was inferred of it. */
export function faceOf(graph: Graph, node: GraphNode): Face {
  const hasInputs = inputsOf(graph, node) !== 0;
  if (isBlockInput(node)) return { kindName: 'Block input', block: null, hasInputs };
  const block = blockOf(graph, node);
  if (!block) return { kindName: node.kind, block: null, hasInputs };
  const set = block.exposed
    .filter(({ name }) => name in node.params)
    .map(({ name }) => `${name} ${String(node.params[name]).replace(',', '×')}`);
  const layers = Object.values(block.graph.nodes).filter(inner => !isBlockInput(inner)).length;
  const detail = set.length > 0 ? set.join(' · ') : plural(layers, 'layer');
  return { kindName: block.name, block: { detail, repeat: repeatOf(node) }, hasInputs };
}

function isSameFace(a: Face, b: Face): boolean {
  return (
    a.kindName === b.kindName &&
    a.hasInputs === b.hasInputs &&
    a.block?.detail === b.block?.detail &&
    a.block?.repeat === b.block?.repeat
  );
}

/** What a screen reader says of a node: `conv1, Conv2d, 32×28×28`. */
export function nodeLabel(name: string, kind: string, inferred: NodeInference | undefined): string {
  const figures = inferred?.figures;
  return `${name}, ${kind}, ${figures ? shapeText(figures.shape) : 'no shape yet'}`;
}

/** One handle takes every edge that flows in: a merge's inputs need no places of their own. */
export function handlesOf(takesInput: boolean): NonNullable<LayerFlowNode['handles']> {
  const handle = { width: HANDLE_SIZE, height: HANDLE_SIZE, x: (NODE.width - HANDLE_SIZE) / 2 };
  const target = { ...handle, type: 'target' as const, position: Side.Top, y: -HANDLE_SIZE / 2 };
  const source = {
    ...handle,
    type: 'source' as const,
    position: Side.Bottom,
    y: NODE.height - HANDLE_SIZE / 2,
  };
  return takesInput ? [target, source] : [source];
}

function worstByNode(inference: Inference): Map<NodeId, Severity> {
  const worst = new Map<NodeId, Severity>();
  for (const { node, severity } of diagnose(inference)) {
    if (node !== null && worst.get(node) !== 'error') worst.set(node, severity);
  }
  return worst;
}

/** How near an edge a point must be to count as on it, in canvas pixels. */
const NEAR_EDGE = 20;

/** The edge that runs through a point of the canvas, if one does. */
export function edgeAt(graph: Graph, at: Position): Edge | undefined {
  let [best, nearest] = [NEAR_EDGE, undefined as Edge | undefined];
  for (const edge of graph.edges) {
    const [from, to] = [graph.nodes[edge.source], graph.nodes[edge.target]];
    if (!from || !to) continue;
    const start = { x: from.x + NODE.width / 2, y: from.y + NODE.height };
    const distance = distanceToSegment(at, start, { x: to.x + NODE.width / 2, y: to.y });
    if (distance < best) [best, nearest] = [distance, edge];
  }
  return nearest;
}

function distanceToSegment(at: Position, from: Position, to: Position): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = ((at.x - from.x) * dx + (at.y - from.y) * dy) / (dx * dx + dy * dy || 1);
  const share = Math.max(0, Math.min(1, along));
  return Math.hypot(at.x - from.x - share * dx, at.y - from.y - share * dy);
}
