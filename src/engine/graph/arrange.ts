/** Layout on the canvas: alignment, equal distances, straight chains, snapping. */
import type { Graph, NodeId } from './document.ts';
import type { Position } from './edits.ts';
import { boundsOf, type Rect } from './rect.ts';
import { edgesInto } from './wiring.ts';

export type AlignmentSide = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom';
export type Axis = 'x' | 'y';

type Rects = Readonly<Record<string, Rect>>;
type Positions = Record<string, Position>;

/** The positions that align rectangles at one side. */
export function align(rects: Rects, side: AlignmentSide): Positions {
  const bounds = boundsOf(Object.values(rects));
  if (!bounds) return {};
  const { x, y, width, height } = bounds;
  const place = (rect: Rect): Position => {
    switch (side) {
      case 'left':
        return { x, y: rect.y };
      case 'centre':
        return { x: x + (width - rect.width) / 2, y: rect.y };
      case 'right':
        return { x: x + width - rect.width, y: rect.y };
      case 'top':
        return { x: rect.x, y };
      case 'middle':
        return { x: rect.x, y: y + (height - rect.height) / 2 };
      case 'bottom':
        return { x: rect.x, y: y + height - rect.height };
    }
  };
  return Object.fromEntries(Object.entries(rects).map(([id, rect]) => [id, place(rect)]));
}

/** The positions with equal gaps between rectangles; the first and the last stay. */
export function distribute(rects: Rects, axis: Axis): Positions {
  const size = axis === 'x' ? 'width' : 'height';
  const sorted = Object.entries(rects).toSorted(([, a], [, b]) => a[axis] - b[axis]);
  const [first, last] = [sorted[0]?.[1], sorted.at(-1)?.[1]];
  if (!first || !last || sorted.length < 3) return {};
  const space = last[axis] + last[size] - first[axis] - sorted.reduce((sum, [, rect]) => sum + rect[size], 0);
  const gap = space / (sorted.length - 1);
  let at = first[axis];
  return Object.fromEntries(
    sorted.map(([id, rect]) => {
      const place = { x: rect.x, y: rect.y, [axis]: at };
      at += rect[size] + gap;
      return [id, place];
    }),
  );
}

/**
 * The positions of straightened chains: each node is moved below the lowest of its sources, unless another consumer of
 * that source is closer. For a single node all its sources count, for several only those among them.
 */
export function straighten({ nodes, edges }: Graph, ids: readonly NodeId[]): Positions {
  const chosen = new Set(ids);
  const into = edgesInto(edges);
  const places: Positions = {};
  const followed = new Set<NodeId>();
  const at = (id: NodeId): Position => places[id] ?? nodes[id]!;
  const downward = ids.filter(id => nodes[id]).toSorted((a, b) => nodes[a]!.y - nodes[b]!.y);
  for (const id of downward) {
    const feeders = (into.get(id) ?? [])
      .map(({ source }) => source)
      .filter(source => nodes[source] && (chosen.size === 1 || chosen.has(source)) && !followed.has(source));
    const lowest = feeders.toSorted((a, b) => nodes[b]!.y - nodes[a]!.y)[0];
    if (lowest === undefined) continue;
    followed.add(lowest);
    places[id] = { x: at(lowest).x, y: nodes[id]!.y };
  }
  return places;
}

/** A guide line shown while snapping: at `at` of its axis. */
export interface Guide {
  readonly axis: Axis;
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

export interface Snapped {
  readonly dx: number;
  readonly dy: number;
  readonly guides: readonly Guide[];
}

interface Reach {
  /** The distance at which a line attracts. */
  readonly pull: number;
  /** The grid that positions are rounded to otherwise. */
  readonly grid: number;
}

/** By how much a dragged rectangle is moved to align with others or the grid, and the guides to show. */
export function snap(moving: Rect, others: readonly Rect[], { pull, grid }: Reach): Snapped {
  const x = snapAxis('x', moving, others, pull);
  const y = snapAxis('y', moving, others, pull);
  const toGrid = (value: number) => Math.round(value / grid) * grid - value;
  const [dx, dy] = [x?.by ?? toGrid(moving.x), y?.by ?? toGrid(moving.y)];
  const at = { ...moving, x: moving.x + dx, y: moving.y + dy };
  const guides = [x, y].flatMap(found => (found ? guideOf(found, at) : []));
  return { dx, dy, guides };
}

interface FoundLine {
  readonly axis: Axis;
  readonly by: number;
  readonly at: number;
  readonly with: Rect;
}

/** Centres first: for rectangles of equal size they imply the sides. */
const ALIGNED_SHARES = [0.5, 0, 1];

function snapAxis(axis: Axis, moving: Rect, others: readonly Rect[], pull: number): FoundLine | undefined {
  const size = axis === 'x' ? 'width' : 'height';
  let found: FoundLine | undefined;
  for (const share of ALIGNED_SHARES) {
    const own = moving[axis] + share * moving[size];
    for (const other of others) {
      for (const otherShare of ALIGNED_SHARES) {
        const at = other[axis] + otherShare * other[size];
        const by = at - own;
        if (Math.abs(by) <= pull && (!found || Math.abs(by) < Math.abs(found.by)))
          found = { axis, by, at, with: other };
      }
    }
  }
  return found;
}

function guideOf({ axis, at, with: other }: FoundLine, moving: Rect): Guide {
  const bounds = boundsOf([other, moving])!;
  const along = axis === 'x' ? bounds.y : bounds.x;
  const length = axis === 'x' ? bounds.height : bounds.width;
  return { axis, at, from: along, to: along + length };
}
