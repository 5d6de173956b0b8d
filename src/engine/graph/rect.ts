/** Rectangles on the canvas, in canvas pixels. */
import type { Position } from './edits.ts';

export interface Rect extends Position {
  readonly width: number;
  readonly height: number;
}

/** Equal for all nodes, so that chains are straight. */
export const NODE_SIZE = { width: 204, height: 46 } as const;

/** A comment's width and least height; its text may make it higher. */
export const COMMENT_SIZE = { width: 204, height: 46 } as const;

export const nodeRect = ({ x, y }: Position): Rect => ({ x, y, ...NODE_SIZE });
export const commentRect = ({ x, y }: Position): Rect => ({ x, y, ...COMMENT_SIZE });

/** The bounding rectangle; undefined for none. */
export function boundsOf(rects: readonly Rect[]): Rect | undefined {
  if (rects.length === 0) return undefined;
  const x = Math.min(...rects.map(rect => rect.x));
  const y = Math.min(...rects.map(rect => rect.y));
  const right = Math.max(...rects.map(rect => rect.x + rect.width));
  const bottom = Math.max(...rects.map(rect => rect.y + rect.height));
  return { x, y, width: right - x, height: bottom - y };
}

export function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

export function overlaps(a: Rect, b: Rect): boolean {
  const beside = a.x + a.width <= b.x || b.x + b.width <= a.x;
  return !beside && a.y + a.height > b.y && b.y + b.height > a.y;
}
