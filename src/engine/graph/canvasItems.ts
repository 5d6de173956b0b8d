/**
 * Items on a canvas besides edges: nodes, frames and comments, which are selected, moved, copied and deleted together.
 */
import type { Graph, NodeId } from './document.ts';
import { type Position, removeNodes } from './edits.ts';
import { commentRect, contains, nodeRect, type Rect } from './rect.ts';

export type FrameId = string;
export type CommentId = string;

export interface Items {
  readonly nodes: readonly NodeId[];
  readonly frames: readonly FrameId[];
  readonly comments: readonly CommentId[];
}

export const NO_ITEMS: Items = { nodes: [], frames: [], comments: [] };

/** The positions of items. */
export type Places = { readonly [T in keyof Items]: Readonly<Record<string, Position>> };

export function allItems({ nodes, frames = {}, comments = {} }: Graph): Items {
  return { nodes: Object.keys(nodes), frames: Object.keys(frames), comments: Object.keys(comments) };
}

export const countOf = ({ nodes, frames, comments }: Items): number =>
  nodes.length + frames.length + comments.length;

/** The rectangles of items that are there. */
export function rectsOf(graph: Graph, { nodes, frames, comments }: Items): Rect[] {
  return [
    ...nodes.flatMap(id => (graph.nodes[id] ? nodeRect(graph.nodes[id]) : [])),
    ...frames.flatMap(id => graph.frames?.[id] ?? []),
    ...comments.flatMap(id => (graph.comments?.[id] ? commentRect(graph.comments[id]) : [])),
  ];
}

export function placesOf(graph: Graph, { nodes, frames, comments }: Items): Places {
  const places = (ids: readonly string[], from: Readonly<Record<string, Position>> = {}) =>
    Object.fromEntries(ids.flatMap(id => (from[id] ? [[id, { x: from[id].x, y: from[id].y }]] : [])));
  return {
    nodes: places(nodes, graph.nodes),
    frames: places(frames, graph.frames),
    comments: places(comments, graph.comments),
  };
}

/** The items that lie entirely within a frame and move with it. */
export function itemsInside(graph: Graph, frame: Rect): Items {
  const within = <T extends Position>(record: Readonly<Record<string, T>> = {}, rect: (item: T) => Rect) =>
    Object.keys(record).filter(id => contains(frame, rect(record[id]!)));
  return {
    nodes: within(graph.nodes, nodeRect),
    frames: within(graph.frames, inner => inner).filter(id => graph.frames?.[id] !== frame),
    comments: within(graph.comments, commentRect),
  };
}

/** The items, with the contents of the frames among them. */
export function withContents(graph: Graph, items: Items): Items {
  const inside = items.frames.flatMap(id => {
    const frame = graph.frames?.[id];
    return frame ? itemsInside(graph, frame) : [];
  });
  const all = [items, ...inside];
  return {
    nodes: [...new Set(all.flatMap(({ nodes }) => nodes))],
    frames: [...new Set(all.flatMap(({ frames }) => frames))],
    comments: [...new Set(all.flatMap(({ comments }) => comments))],
  };
}

/** Moves items to new positions; missing items are ignored. */
export function moveItems(graph: Graph, { nodes, frames, comments }: Places): Graph {
  return {
    ...graph,
    nodes: moved(graph.nodes, nodes),
    ...(graph.frames && { frames: moved(graph.frames, frames) }),
    ...(graph.comments && { comments: moved(graph.comments, comments) }),
  };
}

function moved<T extends Position>(
  record: Readonly<Record<string, T>>,
  places: Readonly<Record<string, Position>>,
): Record<string, T> {
  const changed = Object.entries(places).flatMap(([id, { x, y }]): [string, T][] =>
    record[id] ? [[id, { ...record[id], x, y }]] : [],
  );
  return changed.length === 0 ? record : { ...record, ...Object.fromEntries(changed) };
}

/** Removes items; the contents of a frame stay. `heal` as in removeNodes. */
export function removeItems(graph: Graph, { nodes, frames, comments }: Items, heal = true): Graph {
  const { frames: framed, comments: noted, ...rest } = removeNodes(graph, nodes, heal);
  const [left, kept] = [without(framed, frames), without(noted, comments)];
  return { ...rest, ...(left && { frames: left }), ...(kept && { comments: kept }) };
}

/** The remaining entries; undefined for none, so that files have no empty records. */
function without<T>(
  record: Readonly<Record<string, T>> | undefined,
  ids: readonly string[],
): Record<string, T> | undefined {
  const left = Object.entries(record ?? {}).filter(([id]) => !ids.includes(id));
  return left.length === 0 ? undefined : Object.fromEntries(left);
}
