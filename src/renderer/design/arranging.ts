/** Puts what is selected in order, each time one step of undo: layout, straight chains, alignment, distances. */
import { type AlignmentSide, type Axis, align, distribute, straighten } from '../../engine/graph/arrange.ts';
import { frameAround } from '../../engine/graph/canvasFrames.ts';
import {
  allItems,
  countOf,
  type Items,
  itemsInside,
  moveItems,
  NO_ITEMS,
  placesOf,
  rectsOf,
} from '../../engine/graph/canvasItems.ts';
import type { Graph, NodeId } from '../../engine/graph/document.ts';
import type { Position } from '../../engine/graph/edits.ts';
import { boundsOf, type Rect } from '../../engine/graph/rect.ts';
import {
  commentFlowId,
  type FlowId,
  flowIdsOf,
  flowPlaces,
  frameFlowId,
  itemsOf,
  type Placed,
} from '../graphView/flowId.ts';
import { selectedItems, selectedNodes } from '../store/canvasSelection.ts';
import { editGraph, graphNow } from '../store/openDrawing.ts';
import { motion } from '../ui/motion.ts';
import { showMessage } from '../ui/toast.tsx';
import { useCanvas } from './canvasState.ts';
import type { LayoutTask } from './layout.ts';

type Positions = Readonly<Record<string, Position>>;

/** Laying out takes milliseconds; what takes longer than this is given up, so that nothing runs on unseen. */
const LAYOUT_DEADLINE_MS = 5000;

/** Lays out the selected nodes, or all where fewer than two are selected. */
export async function layOut(): Promise<void> {
  const graph = graphNow();
  const selected = selectedNodes();
  const nodes = selected.length > 1 ? selected : Object.keys(graph.nodes);
  if (nodes.length === 0) return;
  const among = new Set(nodes);
  const edges = graph.edges.filter(({ source, target }) => among.has(source) && among.has(target));
  const places = await inWorker({ nodes, edges });
  if (typeof places === 'string') return showMessage(places);
  if (graphNow() !== graph)
    return showMessage('The network changed while it was laid out; lay it out again.');
  arrange(current => withFramesAround(current, anchored(current, places)));
}

/** The positions, moved as a whole to where the nodes were: the middle of their upper side stays. */
function anchored(graph: Graph, places: Positions): Positions {
  const ids = Object.keys(places);
  const before = boundsOf(rectsOf(graph, { ...NO_ITEMS, nodes: ids }));
  const moved = moveItems(graph, { ...NO_PLACES, nodes: places });
  const after = boundsOf(rectsOf(moved, { ...NO_ITEMS, nodes: ids }));
  if (!before || !after) return places;
  const dx = Math.round(before.x + before.width / 2 - after.x - after.width / 2);
  const dy = before.y - after.y;
  return Object.fromEntries(Object.entries(places).map(([id, { x, y }]) => [id, { x: x + dx, y: y + dy }]));
}

const NO_PLACES = { nodes: {}, frames: {}, comments: {} };

/** Moves nodes; frames stay around what lay in them, and comments in frames go with those. */
function withFramesAround(graph: Graph, nodes: Positions): Graph {
  const moved = moveItems(graph, { ...NO_PLACES, nodes });
  if (!graph.frames) return moved;
  let [frames, comments] = [moved.frames!, moved.comments];
  for (const [id, frame] of Object.entries(graph.frames)) {
    const inside = itemsInside(graph, frame);
    if (!inside.nodes.some(node => node in nodes)) continue;
    const rects = rectsOf(moved, { ...NO_ITEMS, nodes: inside.nodes });
    const around = frameAround(rects, frame, frame.title);
    frames = { ...frames, [id]: around };
    const noted = inside.comments.flatMap(comment => {
      const at = graph.comments?.[comment];
      return at ? [[comment, { ...at, x: at.x + around.x - frame.x, y: at.y + around.y - frame.y }]] : [];
    });
    comments = comments && { ...comments, ...Object.fromEntries(noted) };
  }
  return { ...moved, frames, ...(comments && { comments }) };
}

/** Where nodes lie then; or why that was not found out, in a sentence. */
function inWorker(task: LayoutTask): Promise<Record<NodeId, Position> | string> {
  const worker = new Worker(new URL('./layoutWorker.ts', import.meta.url), { type: 'module' });
  return new Promise<Record<NodeId, Position> | string>(resolve => {
    const late = `Laying out took longer than ${LAYOUT_DEADLINE_MS / 1000} seconds and was given up.`;
    setTimeout(() => resolve(late), LAYOUT_DEADLINE_MS);
    worker.onmessage = event => resolve(event.data);
    worker.onerror = event => {
      // Dagre calls itself along a chain: thousands of layers in a row are too many for it.
      event.preventDefault();
      resolve('These are too many layers to be laid out at once: select fewer of them.');
    };
    worker.postMessage(task);
  }).finally(() => worker.terminate());
}

/** Puts chains among the selected nodes straight. */
export function straightenSelection(): void {
  arrange(graph => moveItems(graph, { ...NO_PLACES, nodes: straighten(graph, selectedNodes()) }));
}

export function alignSelection(side: AlignmentSide): void {
  arrangeRects(rects => align(rects, side));
}

export function distributeSelection(axis: Axis): void {
  arrangeRects(rects => distribute(rects, axis));
}

/** Moves the selected things as a function of their rectangles says. */
function arrangeRects(place: (rects: Readonly<Record<FlowId, Rect>>) => Positions): void {
  const items = selectedItems();
  const graph = graphNow();
  const rects = Object.fromEntries(
    flowIdsOf(items).flatMap(id => rectsOf(graph, itemsOf([id])).map((rect): [FlowId, Rect] => [id, rect])),
  );
  const places = place(rects);
  const of = (ids: readonly string[], name: (id: string) => FlowId) =>
    Object.fromEntries(ids.flatMap(id => (places[name(id)] ? [[id, places[name(id)]!]] : [])));
  arrange(current =>
    moveItems(current, {
      nodes: of(items.nodes, id => id),
      frames: of(items.frames, frameFlowId),
      comments: of(items.comments, commentFlowId),
    }),
  );
}

export const canArrange = (least: number): boolean => countOf(selectedItems()) >= least;

/** Makes a change of places as one step, and lets things glide there. */
function arrange(change: (graph: Graph) => Graph): void {
  const before = graphNow();
  editGraph(graph => {
    const changed = change(graph);
    return isInPlace(graph, changed) ? graph : changed;
  });
  if (graphNow() !== before) glide(flowPlaces(placesOf(before, allItems(before))));
}

function isInPlace(a: Graph, b: Graph): boolean {
  const places = (graph: Graph, items: Items) => JSON.stringify(placesOf(graph, items));
  return places(a, allItems(a)) === places(b, allItems(a)) && a.frames === b.frames;
}

/** Draws things on their way from where they were to where the document has them. */
function glide(from: Readonly<Record<FlowId, Placed>>): void {
  const duration = motion();
  if (duration === 0) return;
  const started = performance.now();
  let drawn = from;
  useCanvas.setState({ moving: from });
  const draw = (now: number) => {
    // A hand that takes hold of something ends it.
    if (useCanvas.getState().moving !== drawn) return;
    const share = Math.max(0, (now - started) / duration);
    const to = flowPlaces(placesOf(graphNow(), itemsOf(Object.keys(from))));
    drawn = share >= 1 ? {} : between(from, to, share);
    useCanvas.setState({ moving: drawn });
    if (share < 1) requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
}

function between(
  from: Readonly<Record<FlowId, Placed>>,
  to: Positions,
  share: number,
): Record<FlowId, Placed> {
  const mixed = Object.entries(to).map(([id, { x, y }]): [FlowId, Placed] => {
    const start = from[id]!;
    return [id, { x: start.x + share * (x - start.x), y: start.y + share * (y - start.y) }];
  });
  return Object.fromEntries(mixed);
}
