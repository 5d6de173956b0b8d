/** Weights for resizing a row or column of pixels by kernels/pictures/resize.c. */
import { RESIZE_WEIGHT_BITS } from '../../../../engine/layers/kernelConstants.ts';

/** The weight 1 as a fixed-point number. */
const FIXED_POINT_ONE = 1 << RESIZE_WEIGHT_BITS;
/** Zero crossings of the kernel on either side. */
const LOBES = 3;

/** The weights of a resized line, each pixel of which is a sum of `taps` source pixels. */
export interface ResizeAxis {
  /** The first source pixel of each sum; pixels outside are replaced by the nearest inside. */
  starts: Int32Array;
  /** pixels × taps; each pixel's weights sum to FIXED_POINT_ONE. */
  weights: Int16Array;
  taps: number;
}

/** The wanted part of a resized line. */
export interface ResizedLine {
  /** Length of the source line in pixels. */
  from: number;
  /** Source pixels per resized pixel, at least 1. */
  shrink: number;
  /** Length of the resized line, centred on the source; the first wanted pixel, and their number. */
  to: number;
  first: number;
  count: number;
}

/**
 * Lanczos' kernel with three lobes, scaled to the result's pixels to avoid aliasing (Turkowski, "Filters for Common
 * Resampling Tasks", 1990). For large reductions, means of a few pixels are weighted instead of single ones, as libvips
 * does (https://www.libvips.org/API/current/method.Image.reduceh.html).
 *
 * @param multiples `taps` and the number of pixels are rounded up to multiples of these; added weights are zero
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
  // The rounding error is added to the largest weight, so that a constant grey stays the same.
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
