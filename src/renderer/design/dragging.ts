/**
 * Dragging: things move as one, with what lies in the frames among them; they snap to what is near (Alt suspends),
 * and land as one step of undo. With Ctrl held when they are let go, copies land and the originals stay.
 */
import { useRef } from 'react';
import { snap } from '../../engine/graph/arrange.ts';
import {
  allItems,
  type Items,
  moveItems,
  type Places,
  placesOf,
  rectsOf,
  withContents,
} from '../../engine/graph/canvasItems.ts';
import { boundsOf, overlaps, type Rect } from '../../engine/graph/rect.ts';
import { type FlowId, flowPlaces, itemsOf } from '../graphView/flowId.ts';
import { edgeKey } from '../store/canvasSelection.ts';
import { editGraph, graphNow } from '../store/openDrawing.ts';
import { type CanvasHandle, useCanvasHandle } from './canvasHandle.tsx';
import { useCanvas } from './canvasState.ts';
import { dropNodes, edgeForLoose, putCopies } from './gestures.ts';

/** How near a line pulls, on the screen. */
const SNAP_DISTANCE = 6;
const GRID_STEP = 10;

interface Dragged {
  readonly items: Items;
  /** Where they were. */
  readonly from: Places;
  readonly bounds: Rect;
  readonly others: readonly Rect[];
}

interface Grabbed {
  readonly id: FlowId;
  readonly position: { readonly x: number; readonly y: number };
}

type Pointer = Pick<MouseEvent, 'altKey' | 'ctrlKey' | 'metaKey'>;

/** What the canvas does with React Flow's drags. Of these it passes all nodes that it drags. */
export function useDragging() {
  const canvas = useCanvasHandle();
  const dragged = useRef<Dragged | null>(null);

  const start = (nodes: readonly Grabbed[]) => {
    const graph = graphNow();
    const items = withContents(graph, itemsOf(nodes.map(({ id }) => id)));
    const bounds = boundsOf(rectsOf(graph, items));
    if (!bounds) return;
    dragged.current = { items, from: placesOf(graph, items), bounds, others: stillInSight(canvas, items) };
  };

  const drag = (pointer: Pointer, nodes: readonly Grabbed[]) => {
    const [first] = nodes;
    const drag = dragged.current;
    const origin = first && drag ? flowPlaces(drag.from)[first.id] : undefined;
    if (!first || !drag || !origin) return;
    let [dx, dy] = [first.position.x - origin.x, first.position.y - origin.y];
    let guides: ReturnType<typeof snap>['guides'] = [];
    if (!pointer.altKey) {
      const at = { ...drag.bounds, x: drag.bounds.x + dx, y: drag.bounds.y + dy };
      const snapped = snap(at, drag.others, { pull: SNAP_DISTANCE / canvas.flow.getZoom(), grid: GRID_STEP });
      [dx, dy, guides] = [dx + snapped.dx, dy + snapped.dy, snapped.guides];
    }
    const moving = flowPlaces(drag.from);
    for (const [id, { x, y }] of Object.entries(moving)) moving[id] = { x: x + dx, y: y + dy };
    useCanvas.setState({ moving, guides, dropEdge: dropEdgeOf(drag.items, moving) });
  };

  const stop = (pointer: Pointer) => {
    const drag = dragged.current;
    const { moving } = useCanvas.getState();
    dragged.current = null;
    useCanvas.setState({ moving: {}, guides: [], dropEdge: null });
    const [id] = Object.keys(moving);
    const from = id !== undefined && drag ? flowPlaces(drag.from)[id] : undefined;
    if (!drag || id === undefined || !from) return;
    const by = { x: moving[id]!.x - from.x, y: moving[id]!.y - from.y };
    if (by.x === 0 && by.y === 0) return;
    if (pointer.ctrlKey || pointer.metaKey) return putCopies(drag.items, by);
    const { nodes, frames, comments } = drag.items;
    if (frames.length + comments.length === 0)
      return dropNodes(Object.fromEntries(nodes.map(each => [each, moving[each]!])));
    editGraph(graph => moveItems(graph, movedBy(drag.from, by)));
  };
  return {
    onNodeDragStart: (_event: unknown, _node: unknown, nodes: readonly Grabbed[]) => start(nodes),
    onNodeDrag: (event: Pointer, _node: unknown, nodes: readonly Grabbed[]) => drag(event, nodes),
    onNodeDragStop: (event: Pointer) => stop(event),
  };
}

function movedBy(places: Places, by: { x: number; y: number }): Places {
  const all = (record: Places[keyof Places]) =>
    Object.fromEntries(Object.entries(record).map(([id, { x, y }]) => [id, { x: x + by.x, y: y + by.y }]));
  return { nodes: all(places.nodes), frames: all(places.frames), comments: all(places.comments) };
}

/** The edge that a single loose node would be put on. */
function dropEdgeOf({ nodes, frames, comments }: Items, moving: Record<FlowId, { x: number; y: number }>) {
  const [id] = nodes;
  if (id === undefined || nodes.length + frames.length + comments.length > 1) return null;
  const edge = edgeForLoose(graphNow(), id, moving[id]!);
  return edge ? edgeKey(edge) : null;
}

/** What can be snapped to: what is seen and does not move itself. */
function stillInSight({ flow, bounds }: CanvasHandle, moved: Items): Rect[] {
  const canvas = bounds();
  const first = flow.screenToFlowPosition({ x: canvas.left, y: canvas.top });
  const last = flow.screenToFlowPosition({ x: canvas.right, y: canvas.bottom });
  const sight = { ...first, width: last.x - first.x, height: last.y - first.y };
  const graph = graphNow();
  const all = allItems(graph);
  const still = (of: keyof Items) => {
    const going = new Set(moved[of]);
    return all[of].filter(id => !going.has(id));
  };
  const items = { nodes: still('nodes'), frames: still('frames'), comments: still('comments') };
  return rectsOf(graph, items).filter(rect => overlaps(rect, sight));
}
