/** Weights by which a line of pixels is resized, for kernels/pictures/resize.c. */
import { RESIZE_WEIGHT_BITS } from '../../../../engine/layers/kernelConstants.ts';

/** What stands for one. */
const FIXED_POINT_ONE = 1 << RESIZE_WEIGHT_BITS;
/** Zero crossings of the kernel to either side. */
const LOBES = 3;

/** Of the pixels of a resized line, each a sum of `taps` pixels of the line as it was. */
export interface ResizeAxis {
  /** The first of them, of each; those outside are the nearest inside. */
  starts: Int32Array;
  /** pixels × taps, each pixel's summing to ONE. */
  weights: Int16Array;
  taps: number;
}

/** Which pixels of which line are wanted. */
export interface ResizedLine {
  /** Pixels of the line as it was. */
  from: number;
  /** How many of them one pixel of the resized line stands for: 1 at least. */
  shrink: number;
  /** Pixels of the resized line, whose middle is that of the other; the first that is wanted, and how many. */
  to: number;
  first: number;
  count: number;
}

/**
 * Lanczos' kernel with three lobes, as wide as the pixels of the result, so that nothing folds back (Turkowski,
 * "Filters for Common Resampling Tasks", 1990); of what becomes much smaller, the means of a few pixels are weighed
 * instead of each: as libvips does (https://www.libvips.org/API/current/method.Image.reduceh.html).
 *
 * @param multiples of which `taps` is one, and the number of pixels of the arrays; what is added weighs nothing
 */
export function lanczosAxis(
  { from, shrink, to, first, count }: ResizedLine,
  multiples: { taps: number; pixels: number },
): ResizeAxis {
  const mean = Math.max(1, Math.floor(shrink / 2));
  const scale = shrink / mean;
  const half = Math.round(LOBES * scale);
  const taps = roundUp((2 * half + 1) * mean, multiples.taps);
  const pixels = roundUp(count, multiples.pixels);
  const starts = new Int32Array(pixels);
  const weights = new Int16Array(pixels * taps);
  for (let pixel = 0; pixel < count; pixel++) {
    const middle = from / 2 + (first + pixel + 0.5 - to / 2) * shrink;
    const centre = middle / mean - 0.5;
    const start = Math.floor(centre) - half;
    starts[pixel] = start * mean;
    const own = weights.subarray(pixel * taps, (pixel + 1) * taps);
    weigh(own, place => (start + Math.floor(place / mean) - centre) / scale);
  }
  return { starts, weights, taps };
}

function weigh(weights: Int16Array, distance: (place: number) => number): void {
  const exact = Float64Array.from(weights, (_, place) => lanczos(distance(place)));
  const sum = exact.reduce((a, b) => a + b);
  let left = FIXED_POINT_ONE;
  let largest = 0;
  for (const [place, weight] of exact.entries()) {
    weights[place] = Math.round((weight / sum) * FIXED_POINT_ONE);
    left -= weights[place]!;
    if (weight > exact[largest]!) largest = place;
  }
  // What rounding took or gave: an even grey stays what it is.
  weights[largest]! += left;
}

function lanczos(distance: number): number {
  if (Math.abs(distance) >= LOBES) return 0;
  return sinc(distance) * sinc(distance / LOBES);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
