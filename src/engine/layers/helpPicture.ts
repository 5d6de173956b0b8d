/**
 * What a kind's help draws, as data: the window of a convolution, the curve of a function, small images of real
 * numbers before and after. It says what there is to see; how it looks is the window's business
 * (renderer/ui/pictures).
 */
import type { Pair, Sides } from './fields.ts';
import type { Shape } from './shape.ts';

/** One channel of a small image: rows of numbers. */
export type Grid = readonly (readonly number[])[];

/** Channels of one image. */
export type Channels = readonly Grid[];

/** A function of each number by itself. */
export interface CurvePicture {
  readonly view: 'curve';
  readonly of: (x: number) => number;
}

/** A window that slides; `spread`: each pixel is spread over a window of the output instead. */
export interface WindowPicture {
  readonly view: 'window';
  readonly way: 'gather' | 'spread';
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly sides: Sides;
}

/** What flows in and what comes of it, on numbers that a person can follow. */
export interface CellsPicture {
  readonly view: 'cells';
  readonly inputs: readonly Channels[];
  readonly output: Channels;
  /** What stands between several inputs. */
  readonly sign: '+' | '×' | ',';
}

/** Which numbers of a batch are taken together: for statistics, or to add up to one. */
export interface AxesPicture {
  readonly view: 'axes';
  readonly images: 'one' | 'all';
  readonly channels: 'one' | 'group' | 'neighbours' | 'all';
  readonly pixels: 'one' | 'all';
}

/** Every output reads every input. */
export interface FullPicture {
  readonly view: 'full';
  readonly outputs: number;
}

/** What a shape means: the axes of an image, or the numbers of a vector, each by its name. */
export interface ShapePicture {
  readonly view: 'shape';
  readonly shape: Shape;
  readonly names: readonly string[];
}

export type HelpPicture =
  | CurvePicture
  | WindowPicture
  | CellsPicture
  | AxesPicture
  | FullPicture
  | ShapePicture;

export function curve(of: (x: number) => number): CurvePicture {
  return { view: 'curve', of };
}

export function cells(
  inputs: readonly Channels[],
  output: Channels,
  sign: CellsPicture['sign'] = ',',
): CellsPicture {
  return { view: 'cells', inputs, output, sign };
}

/** A grid of this size; each number follows from its place. */
export function gridOf(height: number, width: number, at: (y: number, x: number) => number): Grid {
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => at(y, x)));
}

/** Two small images to be joined. */
export const PAIR: readonly [Channels, Channels] = [
  [
    [
      [1, 2],
      [3, 4],
    ],
  ],
  [
    [
      [5, 0],
      [1, 2],
    ],
  ],
];

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export function clamp(x: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, x));
}
