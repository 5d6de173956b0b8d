/** What is measured of images that are made smaller. */
import type { Numbers } from '../../../bridge/explainCalls.ts';

/** The share of pixels along an axis that some window reads. */
export function coverage(extent: number, window: number, stride: number): number {
  const positions = Math.floor((extent - window) / stride) + 1;
  if (positions < 1) return 0;
  const read = stride >= window ? positions * window : (positions - 1) * stride + window;
  return read / extent;
}

/**
 * How much of an image's variation can be told from a smaller one, each of whose pixels stands for its part:
 * 1 − (mean squared difference / variance). Of the first channel; 1: all of it.
 */
export function kept(image: Numbers, smaller: Numbers): number {
  const [, height = 1, width = 1] = image.shape;
  const [, rows = 1, columns = 1] = smaller.shape;
  const size = height * width;
  const mean = image.values.subarray(0, size).reduce((a, b) => a + b, 0) / size;
  let [lost, variance] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = image.values[y * width + x]!;
      const [row, column] = [Math.floor((y * rows) / height), Math.floor((x * columns) / width)];
      lost += (value - smaller.values[row * columns + column]!) ** 2;
      variance += (value - mean) ** 2;
    }
  }
  return variance === 0 ? 1 : Math.max(0, 1 - lost / variance);
}

/** Moves an image to the right; what it uncovers repeats the edge. */
export function shifted({ shape, values }: Numbers, by: number): Float32Array {
  const [, , width = 1] = shape;
  return values.map((_, i) => {
    const x = i % width;
    return values[i - x + Math.max(0, x - by)]!;
  });
}

/** How far two images are apart, as a share of the first: ‖a − b‖ / ‖a‖. */
export function change(a: Float32Array, b: Float32Array): number {
  let [difference, length] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    length += a[i]! ** 2;
  }
  return length === 0 ? 0 : Math.sqrt(difference / length);
}

/** Two bright dots close together, as in the notes: after some pooling nobody can tell them apart. */
export function twoDots(size: number): Float32Array {
  const values = new Float32Array(size * size);
  const row = Math.floor(size / 2);
  values[row * size + row - 3] = 1;
  values[(row + 1) * size + row + 1] = 1;
  return values;
}
