/**
 * What React Flow calls the things on the canvas: nodes by their ids, frames and comments behind a word and a
 * slash, which no node's id holds.
 */

import type { CommentId, FrameId, Items, Places } from '../../engine/graph/canvasItems.ts';
import type { Position } from '../../engine/graph/edits.ts';

export type FlowId = string;

/** Where something is drawn; a frame being resized is of another size as well. */
export interface Placed extends Position {
  readonly width?: number;
  readonly height?: number;
}

const FRAME_PREFIX = 'frame/';
const COMMENT_PREFIX = 'comment/';

export const frameFlowId = (id: FrameId): FlowId => FRAME_PREFIX + id;
export const commentFlowId = (id: CommentId): FlowId => COMMENT_PREFIX + id;

/** Sorts what React Flow names into nodes, frames and comments. */
export function itemsOf(ids: Iterable<FlowId>): Items {
  const all = [...ids];
  const after = (prefix: string) =>
    all.filter(id => id.startsWith(prefix)).map(id => id.slice(prefix.length));
  return {
    nodes: all.filter(id => !id.startsWith(FRAME_PREFIX) && !id.startsWith(COMMENT_PREFIX)),
    frames: after(FRAME_PREFIX),
    comments: after(COMMENT_PREFIX),
  };
}

export function flowIdsOf({ nodes, frames, comments }: Items): FlowId[] {
  return [...nodes, ...frames.map(frameFlowId), ...comments.map(commentFlowId)];
}

/** Places of items by what React Flow calls them. */
export function flowPlaces({ nodes, frames, comments }: Places): Record<FlowId, Position> {
  const renamed = (places: Readonly<Record<string, Position>>, name: (id: string) => FlowId) =>
    Object.entries(places).map(([id, at]): [FlowId, Position] => [name(id), at]);
  return Object.fromEntries([
    ...Object.entries(nodes),
    ...renamed(frames, frameFlowId),
    ...renamed(comments, commentFlowId),
  ]);
}
