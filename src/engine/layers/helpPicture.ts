/**
 * What the help of a layer shows, as data: a convolution's window, a function's curve, small images of real numbers
 * before and after. How it is drawn is up to the window (renderer/ui/pictures).
 */
import type { Pair, Sides } from './fields.ts';
import type { Shape } from './shape.ts';

/** One channel of a small image: rows of numbers. */
export type Grid = readonly (readonly number[])[];

/** Channels of one image. */
export type Channels = readonly Grid[];

/** The curve of an elementwise function. */
export interface CurvePicture {
  readonly view: 'curve';
  readonly of: (x: number) => number;
}

/**
 * A sliding window; `spread`: a transposed convolution, where each input pixel is spread over a window of the output.
 */
export interface WindowPicture {
  readonly view: 'window';
  readonly way: 'gather' | 'spread';
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly sides: Sides;
}

/** Small input and output with their numbers. */
export interface CellsPicture {
  readonly view: 'cells';
  readonly inputs: readonly Channels[];
  readonly output: Channels;
  /** The sign between several inputs. */
  readonly sign: '+' | '×' | ',';
}

/** The axes over which statistics, or a softmax, are computed. */
export interface AxesPicture {
  readonly view: 'axes';
  readonly images: 'one' | 'all';
  readonly channels: 'one' | 'group' | 'neighbours' | 'all';
  readonly pixels: 'one' | 'all';
}

/** A fully connected layer: every output reads every input. */
export interface FullPicture {
  readonly view: 'full';
  readonly outputs: number;
}

/** The meaning of a shape: names of an image's axes, or of a vector's elements. */
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

/** A grid of which each number is computed from its row y and column x. */
export function gridOf(height: number, width: number, at: (y: number, x: number) => number): Grid {
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => at(y, x)));
}

/** Two small images, the inputs of an elementwise operation. */
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
