/** Frames and comments: they say what a part of a network is for. Nothing is computed from them. */
import type { Comment, Frame, Graph } from './document.ts';
import { freeId, type Position } from './edits.ts';
import type { CommentId, FrameId } from './items.ts';
import { boundsOf, type Rect } from './rect.ts';

/** Between a frame and what it was drawn around; above it there is room for its title too. */
const MARGIN = 20;
const TITLE = 32;

/** A frame's size where it is drawn around nothing. */
const EMPTY = { width: 320, height: 220 };

/** A frame around these rectangles; around none it lies at a place. */
export function frameAround(rects: readonly Rect[], at: Position, title: string): Frame {
  const bounds = boundsOf(rects);
  if (!bounds) return { title, x: at.x, y: at.y, ...EMPTY };
  return {
    title,
    x: bounds.x - MARGIN,
    y: bounds.y - MARGIN - TITLE,
    width: bounds.width + 2 * MARGIN,
    height: bounds.height + 2 * MARGIN + TITLE,
  };
}

export function addFrame(graph: Graph, frame: Frame): { graph: Graph; id: FrameId } {
  const id = freeId(graph.frames ?? {});
  return { graph: { ...graph, frames: { ...graph.frames, [id]: frame } }, id };
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
