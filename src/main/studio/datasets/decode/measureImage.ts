/**
 * What is learned of an image once, so that its pixels need not be read again: its hash, the sums that mean and
 * deviation of any selection follow from, and a perceptual hash by which copies are found.
 */
import { hash } from 'node:crypto';

export interface Measures {
  /** SHA-256 of the pixels. */
  hash: Uint8Array;
  /** SHA-256 of the mask; null where there is none. */
  maskHash: Uint8Array | null;
  /** Of each channel the sum of its values, then of each the sum of their squares. Exact. */
  moments: Float64Array;
  /**
   * What barely changes when the image is scaled or compressed: a perceptual hash of `HASH_BYTES`, by which copies
   * are found, and the image in grey at 8 × 8, by which they are told from what is only alike. `LOOK_BYTES` in all;
   * null of an image without contrast.
   */
  look: Uint8Array | null;
}

export const HASH_BYTES = 8;
export const LOOK_BYTES = HASH_BYTES + 64;

/** Smaller images have too few pixels to be alike by anything but chance. */
const LEAST_SIDE = 16;
/** Below this variance there is nothing to recognise: what rounding leaves of one colour. */
const FLAT = 1;

/**
 * @param pixels height × width × channels
 * @param mask height × width
 */
export function measure(
  pixels: Uint8Array,
  shape: readonly [channels: number, height: number, width: number],
  mask?: Uint8Array,
): Measures {
  const moments = momentsOf(pixels, shape[0]);
  return {
    hash: hash('sha256', pixels, 'buffer'),
    maskHash: mask ? hash('sha256', mask, 'buffer') : null,
    moments,
    look: hasLook(moments, shape) ? perceptualHashOf(pixels, shape) : null,
  };
}

function hasLook(moments: Float64Array, [, height, width]: readonly [number, number, number]): boolean {
  return Math.min(height, width) >= LEAST_SIDE && varianceOf(moments, height * width) >= FLAT;
}

function momentsOf(pixels: Uint8Array, channels: number): Float64Array {
  const moments = new Float64Array(2 * channels);
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    let squares = 0;
    for (let at = channel; at < pixels.length; at += channels) {
      const value = pixels[at]!;
      sum += value;
      squares += value * value;
    }
    moments[channel] = sum;
    moments[channels + channel] = squares;
  }
  return moments;
}

/** The largest variance of a channel, of values from 0 to 255. */
export function varianceOf(moments: Float64Array, pixels: number): number {
  const channels = moments.length / 2;
  let most = 0;
  for (let channel = 0; channel < channels; channel++) {
    const mean = moments[channel]! / pixels;
    most = Math.max(most, moments[channels + channel]! / pixels - mean * mean);
  }
  return most;
}

/** Mean and standard deviation per channel, of values from 0 to 1, of all images whose moments are given. */
export function statisticsOf(
  all: Iterable<Float64Array>,
  channels: number,
  pixels: number,
): { mean: number[]; std: number[] } {
  const sums = new Float64Array(2 * channels);
  let count = 0;
  for (const moments of all) {
    for (let at = 0; at < sums.length; at++) sums[at]! += moments[at]!;
    count += pixels;
  }
  const total = Math.max(1, count);
  const mean = Array.from(sums.subarray(0, channels), sum => sum / total);
  const std = mean.map((average, channel) =>
    Math.sqrt(Math.max(0, sums[channels + channel]! / total - average * average)),
  );
  return { mean: mean.map(value => value / 255), std: std.map(value => value / 255) };
}

const HASHED_SIDE = 16;
const FREQUENCY_SIDE = 8;
/** cos of the discrete cosine transform's lowest frequencies: frequency × position. */
const COSINES = Float64Array.from({ length: FREQUENCY_SIDE * HASHED_SIDE }, (_, at) =>
  Math.cos((Math.PI / HASHED_SIDE) * ((at % HASHED_SIDE) + 0.5) * Math.floor(at / HASHED_SIDE)),
);

/** Where the lowest 32 frequencies but the mean lie among 8 × 8, the slowest first. */
const LOWEST_FREQUENCIES = Array.from({ length: FREQUENCY_SIDE * FREQUENCY_SIDE }, (_, at) => at)
  .sort((a, b) => orderOf(a) - orderOf(b))
  .slice(1, 33);

function orderOf(at: number): number {
  const [across, down] = [at % FREQUENCY_SIDE, Math.floor(at / FREQUENCY_SIDE)];
  return (across + down) * FREQUENCY_SIDE + down;
}

/** A frequency stands out from this share of the root of the mean square of all. */
const STANDS_OUT = 0.4;

/**
 * As pHash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010), of the grey image at
 * 16 × 16; but two bits for each of the lowest frequencies: whether it stands out above, or below. Where an image has
 * little of a frequency, the sign of that little is chance, and compression changes it.
 */
function perceptualHashOf(
  pixels: Uint8Array,
  [channels, height, width]: readonly [number, number, number],
): Buffer {
  shrink(pixels, channels, height, width);
  findFrequencies();
  let energy = 0;
  for (const at of LOWEST_FREQUENCIES) energy += low[at]! ** 2;
  const bar = STANDS_OUT * Math.sqrt(energy / LOWEST_FREQUENCIES.length);
  const look = Buffer.alloc(LOOK_BYTES);
  for (let bit = 0; bit < LOWEST_FREQUENCIES.length; bit++) {
    const value = low[LOWEST_FREQUENCIES[bit]!]!;
    if (value > bar) look[bit >> 2]! |= 1 << (2 * (bit & 3));
    if (value < -bar) look[bit >> 2]! |= 2 << (2 * (bit & 3));
  }
  for (let at = 0; at < FREQUENCY_SIDE * FREQUENCY_SIDE; at++) {
    const from = 2 * HASHED_SIDE * (at >> 3) + 2 * (at & 7);
    const sum = small[from]! + small[from + 1]! + small[from + HASHED_SIDE]! + small[from + HASHED_SIDE + 1]!;
    look[HASH_BYTES + at] = Math.round(sum / 4);
  }
  return look;
}

/** Written anew for each image: millions of images would leave millions of them to be forgotten. */
const small = new Float64Array(HASHED_SIDE * HASHED_SIDE);
const rows = new Float64Array(FREQUENCY_SIDE * HASHED_SIDE);
const low = new Float64Array(FREQUENCY_SIDE * FREQUENCY_SIDE);
const folded = new Float64Array(HASHED_SIDE);

/**
 * The lowest frequencies of the discrete cosine transform: down × across, in `low`, as far as `SLOWEST` asks for them.
 * Even frequencies are the same from either side, odd ones opposite: each line is folded first, which halves the work.
 */
function findFrequencies(): void {
  for (let y = 0; y < HASHED_SIDE; y++) {
    fold(small, y * HASHED_SIDE);
    for (let across = 0; across < FREQUENCY_SIDE; across++)
      rows[across * HASHED_SIDE + y] = foldedSum(across);
  }
  for (let across = 0; across < FREQUENCY_SIDE; across++) {
    fold(rows, across * HASHED_SIDE);
    for (let down = 0; down + across < FREQUENCY_SIDE; down++)
      low[down * FREQUENCY_SIDE + across] = foldedSum(down);
  }
}

const HALF_HASHED_SIDE = HASHED_SIDE / 2;

/** Sums of what lies opposite in a line, then differences, in `folded`. */
function fold(lines: Float64Array, from: number): void {
  for (let at = 0; at < HALF_HASHED_SIDE; at++) {
    const one = lines[from + at]!;
    const other = lines[from + HASHED_SIDE - 1 - at]!;
    folded[at] = one + other;
    folded[HALF_HASHED_SIDE + at] = one - other;
  }
}

/** Of the line in `folded`, how much it has of a frequency. */
function foldedSum(frequency: number): number {
  const from = (frequency & 1) * HALF_HASHED_SIDE;
  const by = frequency * HASHED_SIDE;
  let sum = 0;
  for (let at = 0; at < HALF_HASHED_SIDE; at++) sum += folded[from + at]! * COSINES[by + at]!;
  return sum;
}

/** Where each of the 16 parts of a line begins, and where the last ends. */
function edgesOf(length: number): Int32Array {
  return Int32Array.from({ length: HASHED_SIDE + 1 }, (_, at) => Math.floor((at * length) / HASHED_SIDE));
}

let [rowEdges, columnEdges] = [edgesOf(0), edgesOf(0)];

/** Grey, 16 × 16, in `small`: the mean of the pixels that each of its pixels covers. */
function shrink(pixels: Uint8Array, channels: number, height: number, width: number): void {
  // The images of a dataset are all of one size.
  if (rowEdges[HASHED_SIDE] !== height) rowEdges = edgesOf(height);
  if (columnEdges[HASHED_SIDE] !== width) columnEdges = edgesOf(width);
  for (let y = 0; y < HASHED_SIDE; y++) {
    const top = rowEdges[y]!;
    const bottom = rowEdges[y + 1]!;
    for (let x = 0; x < HASHED_SIDE; x++) {
      const left = columnEdges[x]!;
      const right = columnEdges[x + 1]!;
      let sum = 0;
      for (let row = top; row < bottom; row++) {
        const end = (row * width + right) * channels;
        for (let at = (row * width + left) * channels; at < end; at++) sum += pixels[at]!;
      }
      small[y * HASHED_SIDE + x] = sum / ((bottom - top) * (right - left) * channels);
    }
  }
}
