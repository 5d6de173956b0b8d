/** Where a window reads: pure arithmetic over the numbers that the figures mark. */
import type { SlidingWindow } from '../../../engine/layers/window.ts';
import type { Volume } from '../oneLayerNetwork.ts';

/** Whether a padded cell is read by the window at an output position, along one axis. */
export function reads(cell: number, position: number, window: SlidingWindow, axis: 0 | 1): boolean {
  const from = cell - position * window.stride[axis];
  const dilation = window.dilation[axis];
  return from >= 0 && from <= dilation * (window.kernelSize[axis] - 1) && from % dilation === 0;
}

export interface Leftover {
  /** Pixels after the last position that no window reads. */
  readonly unread: number;
  /** Pixels beyond the edge that the next position would read. */
  readonly beyond: number;
}

/** What the last step leaves, along one axis; null where the windows end with the image. */
export function leftoverOf(extent: number, window: SlidingWindow, axis: 0 | 1): Leftover | null {
  const [before, after] = [window.sides[2 * axis]!, window.sides[2 * axis + 1]!];
  const span = window.dilation[axis] * (window.kernelSize[axis] - 1) + 1;
  const unread = (extent + before + after - span) % window.stride[axis];
  return unread === 0 ? null : { unread, beyond: window.stride[axis] - unread };
}

/** A channel with its padding, and with what lies beyond the edge as no number. */
export function padded(
  rows: Volume[number],
  { sides }: SlidingWindow,
  beyond: readonly [number, number],
): number[][] {
  const [top, bottom, left, right] = sides;
  const height = rows.length + top + bottom;
  const width = rows[0]!.length + left + right;
  return Array.from({ length: height + beyond[0] }, (_, y) =>
    Array.from({ length: width + beyond[1] }, (_, x) =>
      y >= height || x >= width ? Number.NaN : (rows[y - top]?.[x - left] ?? 0),
    ),
  );
}

export interface Term {
  readonly x: number;
  readonly w: number;
}

/** What is multiplied at a position, channel by channel, in the order of the kernel. */
export function termsAt(
  input: Volume,
  filter: Volume,
  { stride, dilation, sides }: SlidingWindow,
  [row, column]: readonly [number, number],
): Term[][] {
  const [top, , left] = sides;
  return filter.map((kernel, c) =>
    kernel.flatMap((weights, m) =>
      weights.map((w, n) => {
        const y = row * stride[0] - top + m * dilation[0];
        const x = column * stride[1] - left + n * dilation[1];
        return { x: input[c]![y]?.[x] ?? 0, w };
      }),
    ),
  );
}

export const flipped = (volume: Volume): Volume =>
  volume.map(rows => rows.map(row => row.toReversed()).toReversed());

/** Whole numbers that look like chance, always the same. */
function chance(seed: number, i: number, least: number, most: number): number {
  let x = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x ^= x >>> 13;
  return least + ((x >>> 0) % (most - least + 1));
}

export function chanceVolume(
  seed: number,
  [channels, height, width]: readonly [number, number, number],
  [least, most]: readonly [number, number],
): Volume {
  return Array.from({ length: channels }, (_, c) =>
    Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => chance(seed, (c * height + y) * width + x, least, most)),
    ),
  );
}
