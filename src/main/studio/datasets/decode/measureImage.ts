/**
 * Measurements of an image at import, so that its pixels need not be read again: hashes, sums for mean and standard
 * deviation, and a perceptual hash for finding duplicates.
 */
import { hash } from 'node:crypto';

export interface Measures {
  /** SHA-256 of the pixels. */
  hash: Uint8Array;
  /** SHA-256 of the mask; null where there is none. */
  maskHash: Uint8Array | null;
  /** Sums of each channel's values, then sums of their squares; exact. */
  moments: Float64Array;
  /**
   * For near duplicates, robust to scaling and compression: a perceptual hash of `HASH_BYTES` to find candidates, and
   * the grey image at 8 × 8 to compare them. `LOOK_BYTES` in total; null for an image without contrast.
   */
  look: Uint8Array | null;
}

export const HASH_BYTES = 8;
export const LOOK_BYTES = HASH_BYTES + 64;

/** Smaller images have too few pixels for a meaningful comparison. */
const LEAST_SIDE = 16;
/** Images of lower variance have no content, only rounding noise. */
const MIN_VARIANCE = 1;

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
  return Math.min(height, width) >= LEAST_SIDE && varianceOf(moments, height * width) >= MIN_VARIANCE;
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

/** Mean and standard deviation per channel, for values from 0 to 1, over all images whose moments are given. */
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
/** Cosines of the lowest frequencies of the DCT: frequency × position. */
const COSINES = Float64Array.from({ length: FREQUENCY_SIDE * HASHED_SIDE }, (_, at) =>
  Math.cos((Math.PI / HASHED_SIDE) * ((at % HASHED_SIDE) + 0.5) * Math.floor(at / HASHED_SIDE)),
);

/** The indices of the lowest 32 of 8 × 8 frequencies without the mean, in ascending order. */
const LOWEST_FREQUENCIES = Array.from({ length: FREQUENCY_SIDE * FREQUENCY_SIDE }, (_, at) => at)
  .sort((a, b) => orderOf(a) - orderOf(b))
  .slice(1, 33);

function orderOf(at: number): number {
  const [across, down] = [at % FREQUENCY_SIDE, Math.floor(at / FREQUENCY_SIDE)];
  return (across + down) * FREQUENCY_SIDE + down;
}

/** A frequency is significant from this fraction of the root mean square of all. */
const MIN_FREQUENCY_SHARE = 0.4;

/**
 * As pHash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010), of the grey image at
 * 16 × 16, but with two bits per frequency: significantly positive, significantly negative. The sign of an
 * insignificant coefficient is noise that compression changes.
 */
function perceptualHashOf(
  pixels: Uint8Array,
  [channels, height, width]: readonly [number, number, number],
): Buffer {
  shrink(pixels, channels, height, width);
  findFrequencies();
  let energy = 0;
  for (const at of LOWEST_FREQUENCIES) energy += low[at]! ** 2;
  const bar = MIN_FREQUENCY_SHARE * Math.sqrt(energy / LOWEST_FREQUENCIES.length);
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

/** Buffers are reused, to avoid allocations for each of millions of images. */
const small = new Float64Array(HASHED_SIDE * HASHED_SIDE);
const rows = new Float64Array(FREQUENCY_SIDE * HASHED_SIDE);
const low = new Float64Array(FREQUENCY_SIDE * FREQUENCY_SIDE);
const folded = new Float64Array(HASHED_SIDE);

/**
 * The lowest frequencies of the two-dimensional DCT: vertical × horizontal, in `low`. Even frequencies are symmetric
 * and odd ones antisymmetric, so that each line is folded first, which halves the work.
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

/** Sums of opposite values of a line, then differences, in `folded`. */
function fold(lines: Float64Array, from: number): void {
  for (let at = 0; at < HALF_HASHED_SIDE; at++) {
    const one = lines[from + at]!;
    const other = lines[from + HASHED_SIDE - 1 - at]!;
    folded[at] = one + other;
    folded[HALF_HASHED_SIDE + at] = one - other;
  }
}

/** The coefficient of a frequency of the line in `folded`. */
function foldedSum(frequency: number): number {
  const from = (frequency & 1) * HALF_HASHED_SIDE;
  const by = frequency * HASHED_SIDE;
  let sum = 0;
  for (let at = 0; at < HALF_HASHED_SIDE; at++) sum += folded[from + at]! * COSINES[by + at]!;
  return sum;
}

/** The bounds of 16 equal parts of a line. */
function edgesOf(length: number): Int32Array {
  return Int32Array.from({ length: HASHED_SIDE + 1 }, (_, at) => Math.floor((at * length) / HASHED_SIDE));
}

let [rowEdges, columnEdges] = [edgesOf(0), edgesOf(0)];

/** Computes the grey image at 16 × 16, in `small`, by averaging. */
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
