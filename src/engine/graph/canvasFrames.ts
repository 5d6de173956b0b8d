/** Frames and comments on the canvas. They have no effect on the network. */

import {
  allItems,
  type CommentId,
  type FrameId,
  type Items,
  moveItems,
  type Places,
  placesOf,
  rectsOf,
} from './canvasItems.ts';
import type { Comment, Frame, Graph } from './document.ts';
import { freeId, type Position } from './edits.ts';
import { boundsOf, overlaps, type Rect } from './rect.ts';

/** Margin of a frame around its nodes; more above, for its title and the edge's label. */
const FRAME_MARGIN = 20;
const TITLE = 52;

/** A frame's size where it is drawn around nothing. */
const EMPTY_FRAME_SIZE = { width: 320, height: 220 };

/** A frame around rectangles; with none, an empty one at `at`. */
export function frameAround(rects: readonly Rect[], at: Position, title: string): Frame {
  const bounds = boundsOf(rects);
  if (!bounds) return { title, x: at.x, y: at.y, ...EMPTY_FRAME_SIZE };
  return {
    title,
    x: bounds.x - FRAME_MARGIN,
    y: bounds.y - FRAME_MARGIN - TITLE,
    width: bounds.width + 2 * FRAME_MARGIN,
    height: bounds.height + 2 * FRAME_MARGIN + TITLE,
  };
}

export function addFrame(graph: Graph, frame: Frame): { graph: Graph; id: FrameId } {
  const id = freeId(graph.frames ?? {});
  return { graph: { ...graph, frames: { ...graph.frames, [id]: frame } }, id };
}

/** The least distance of what is outside to a frame. */
const CLEARANCE = 8;

/**
 * Adds a frame around items. The items and everything below move down until the frame covers nothing above, and what is
 * below the frame moves down in the same way.
 */
export function addFrameAround(graph: Graph, items: Items, at: Position): { graph: Graph; id: FrameId } {
  const rects = rectsOf(graph, items);
  const top = boundsOf(rects)?.y;
  if (top === undefined) return addFrame(graph, frameAround([], at, ''));
  const before = frameAround(rects, at, '');
  const covered = outside(graph, items).filter(rect => overlaps(rect, before));
  const above = covered.filter(rect => rect.y < top);
  const lowered = lower(graph, top, Math.max(0, ...above.map(bottomOf)) + CLEARANCE - before.y, above);
  const frame = frameAround(rectsOf(lowered, items), at, '');
  const below = outside(lowered, items).filter(rect => overlaps(rect, frame) && rect.y > frame.y);
  const next = Math.min(...below.map(rect => rect.y));
  return addFrame(lower(lowered, next, bottomOf(frame) + CLEARANCE - next, below), frame);
}

const bottomOf = ({ y, height }: Rect): number => y + height;

function outside(graph: Graph, items: Items): Rect[] {
  const all = allItems(graph);
  const rest = (of: keyof Items) => all[of].filter(id => !items[of].includes(id));
  return rectsOf(graph, { nodes: rest('nodes'), frames: [], comments: rest('comments') });
}

/** Moves everything at or below this height down, if there is something in the way. */
function lower(graph: Graph, from: number, by: number, inTheWay: readonly Rect[]): Graph {
  if (inTheWay.length === 0 || by <= 0) return graph;
  const places = placesOf(graph, allItems(graph));
  const moved = (record: Places[keyof Places]) =>
    Object.fromEntries(
      Object.entries(record).flatMap(([id, { x, y }]) => (y >= from ? [[id, { x, y: y + by }]] : [])),
    );
  return moveItems(graph, {
    nodes: moved(places.nodes),
    frames: moved(places.frames),
    comments: moved(places.comments),
  });
}

export function changeFrame(graph: Graph, id: FrameId, change: Partial<Frame>): Graph {
  const frame = graph.frames?.[id];
  return frame ? { ...graph, frames: { ...graph.frames, [id]: { ...frame, ...change } } } : graph;
}

export function addComment(graph: Graph, comment: Comment): { graph: Graph; id: CommentId } {
  const id = freeId(graph.comments ?? {});
  return { graph: { ...graph, comments: { ...graph.comments, [id]: comment } }, id };
}

export function changeComment(graph: Graph, id: CommentId, change: Partial<Comment>): Graph {
  const comment = graph.comments?.[id];
  return comment ? { ...graph, comments: { ...graph.comments, [id]: { ...comment, ...change } } } : graph;
}
