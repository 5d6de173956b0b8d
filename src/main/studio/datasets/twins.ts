/**
 * Images that are copies of one another: the same pixels, or nearly, as after scaling or another compression. Found
 * by hashes; never looks at pixels, and never at more than a bounded number of candidates for each image.
 */
import { setImmediate } from 'node:timers/promises';
import type { ImageRow } from '../../database/datasetRows.ts';
import { HASH_BYTES, LOOK_BYTES } from './measure.ts';

/** Bits of 64 by which the perceptual hashes of copies may differ. */
const NEAR_BITS = 4;
/** By how many of a byte's 255 steps mean and deviation of a channel may differ: JPEG blurs colours. */
const NEAR_MEAN = 3;
const NEAR_DEVIATION = 8;
/** Root of the mean square of the differences at 8 × 8, of 255 steps. What is compressed or scaled stays below. */
const NEAR_RMS = 3.5;
/** Pixels of a look. */
const PIXELS = LOOK_BYTES - HASH_BYTES;
/**
 * Images are laid into a grid by the four of the sums of `walsh` that vary most among them. By Cauchy and Schwarz no
 * sum differs between near copies by more than `PIXELS` × `NEAR_RMS`, so with cells of that size they lie in
 * neighbouring cells: none is missed.
 */
const CELL = PIXELS * NEAR_RMS;
const AXES = 4;
/** What a step to the next cell along each sum adds to the number of a cell. */
const STEPS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;
/** One of each two neighbours that lie opposite, as what it adds to the number of a cell. */
const NEIGHBOURS = Array.from({ length: (3 ** AXES - 1) / 2 }, (_, at) =>
  STEPS.reduce((sum, step, axis) => sum + Math.imul(step, (Math.floor(at / 3 ** axis) % 3) - 1), 0),
);
/** Candidates that an image is compared with, per cell: those nearest in order. */
const MOST_CANDIDATES = 400;
/** Images looked at before other work gets its turn. */
const SLICE = 5000;

type Seen = Pick<ImageRow, 'index' | 'hash' | 'maskHash' | 'look' | 'moments'>;

export interface Twins {
  /** By index: the smallest index of the group; missing of an image that is alone. */
  group: Map<number, number>;
  /** Indices of images with a copy of the very same pixels. */
  exact: Set<number>;
  /** Indices of images with a copy that is nearly the same. */
  near: Set<number>;
}

export async function findTwins(
  images: readonly Seen[],
  pixels: number,
  signal: AbortSignal,
): Promise<Twins> {
  const parent = Int32Array.from(images, (_, at) => at);
  const root = (at: number): number => {
    let top = at;
    while (parent[top] !== top) top = parent[top] = parent[parent[top]!]!;
    return top;
  };
  const join = (a: number, b: number) => {
    const [ra, rb] = [root(a), root(b)];
    parent[Math.max(ra, rb)] = Math.min(ra, rb);
  };
  const [exact, near] = [new Set<number>(), new Set<number>()];
  const byHash = new Map<string, number>();
  for (const [at, image] of images.entries()) {
    const key = image.hash.toString('latin1');
    const first = byHash.get(key);
    if (first === undefined) {
      byHash.set(key, at);
      continue;
    }
    join(first, at);
    exact.add(images[first]!.index).add(image.index);
  }
  // Of images with the same pixels, one stands for all.
  const singles = [...byHash.values()].filter(at => images[at]!.look?.length === LOOK_BYTES);
  const pairs: Pairs = {
    isKnown: (a, b) => root(a) === root(b) && near.has(images[a]!.index) && near.has(images[b]!.index),
    add(a, b) {
      join(a, b);
      near.add(images[a]!.index).add(images[b]!.index);
    },
  };
  await findNear(singles, images, pixels, pairs, signal);
  const members = Map.groupBy(images.keys(), root);
  const group = new Map<number, number>();
  for (const [first, all] of members) {
    if (all.length > 1) for (const at of all) group.set(images[at]!.index, images[first]!.index);
  }
  return { group, exact, near };
}

/** Where pairs are gathered. */
interface Pairs {
  /** Whether the pair tells nothing new: of a thousand frames of a film, most do not. */
  isKnown(a: number, b: number): boolean;
  add(a: number, b: number): void;
}

async function findNear(
  singles: readonly number[],
  images: readonly Seen[],
  pixels: number,
  pairs: Pairs,
  signal: AbortSignal,
): Promise<void> {
  const looks = singles.map(at => images[at]!.look!);
  const sums = walsh(looks);
  const cells = Int32Array.from(singles, (_, at) =>
    STEPS.reduce(
      (cell, step, axis) => (cell + Math.imul(Math.floor(sums[at * PIXELS + axis]! / CELL), step)) | 0,
      0,
    ),
  );
  // Chains of those whose cells share a slot: the last of each, and of each image the one before.
  const bits = Math.ceil(Math.log2(singles.length + 1)) + 1;
  const slotOf = (cell: number) => Math.imul(cell ^ (cell >>> 15), 0x2c1b3c6d) >>> (32 - bits);
  const last = new Int32Array(2 ** bits).fill(-1);
  const before = Int32Array.from(cells, (cell, at) => {
    const other = last[slotOf(cell)]!;
    last[slotOf(cell)] = at;
    return other;
  });
  for (let at = 0; at < singles.length; at++) {
    if (at % SLICE === 0) {
      await setImmediate();
      signal.throwIfAborted();
    }
    const compare = (first: number, cell: number) => {
      let other = first;
      for (let tries = 0; other >= 0 && tries < MOST_CANDIDATES; tries++, other = before[other]!) {
        if (cells[other] !== cell || !areNear(sums, at, other)) continue;
        if (bitsBetween(looks[at]!, looks[other]!) > NEAR_BITS) continue;
        if (pairs.isKnown(singles[other]!, singles[at]!)) continue;
        const [one, two] = [images[singles[at]!]!, images[singles[other]!]!];
        if (statisticsAgree(one.moments!, two.moments!, pixels)) pairs.add(singles[other]!, singles[at]!);
      }
    };
    compare(before[at]!, cells[at]!);
    for (const step of NEIGHBOURS) {
      const cell = (cells[at]! + step) | 0;
      compare(last[slotOf(cell)]!, cell);
    }
  }
}

/**
 * The Walsh–Hadamard transform of each look's 8 × 8 pixels: 64 sums of all pixels, half of them taken away. It turns
 * space without stretching it, so that differences tell the same; but few sums tell most, and they come first: in the
 * order in which they vary among these looks.
 */
function walsh(looks: readonly Buffer[]): Int16Array {
  const all = new Int16Array(looks.length * PIXELS);
  const [mean, square] = [new Float64Array(PIXELS), new Float64Array(PIXELS)];
  for (const [place, look] of looks.entries()) {
    const sums = all.subarray(place * PIXELS, (place + 1) * PIXELS);
    sums.set(look.subarray(HASH_BYTES));
    for (let half = 1; half < PIXELS; half *= 2) {
      for (let at = 0; at < PIXELS; at++) {
        if (at & half) continue;
        const [a, b] = [sums[at]!, sums[at + half]!];
        sums[at] = a + b;
        sums[at + half] = a - b;
      }
    }
    for (let at = 0; at < PIXELS; at++) {
      mean[at]! += sums[at]! / looks.length;
      square[at]! += sums[at]! ** 2 / looks.length;
    }
  }
  const variance = square.map((each, at) => each - mean[at]! ** 2);
  const order = Array.from(variance.keys()).sort((a, b) => variance[b]! - variance[a]!);
  const unordered = new Int16Array(PIXELS);
  for (let from = 0; from < all.length; from += PIXELS) {
    unordered.set(all.subarray(from, from + PIXELS));
    for (let at = 0; at < PIXELS; at++) all[from + at] = unordered[order[at]!]!;
  }
  return all;
}

/** Whether the pixels of two looks, of which the sums are given, are nearly the same. */
function areNear(sums: Int16Array, a: number, b: number): boolean {
  const most = (NEAR_RMS * PIXELS) ** 2;
  let total = 0;
  for (let at = 0; at < PIXELS; at++) {
    const difference = sums[a * PIXELS + at]! - sums[b * PIXELS + at]!;
    total += difference * difference;
    if (total > most) return false;
  }
  return true;
}

/** By how many bits the hashes of two looks differ. */
function bitsBetween(a: Buffer, b: Buffer): number {
  return ones(a.readInt32LE(0) ^ b.readInt32LE(0)) + ones(a.readInt32LE(4) ^ b.readInt32LE(4));
}

function statisticsAgree(a: Float64Array, b: Float64Array, pixels: number): boolean {
  const channels = a.length / 2;
  for (let channel = 0; channel < channels; channel++) {
    const [meanA, meanB] = [a[channel]! / pixels, b[channel]! / pixels];
    const deviation = (moments: Float64Array, mean: number) =>
      Math.sqrt(Math.max(0, moments[channels + channel]! / pixels - mean * mean));
    if (Math.abs(meanA - meanB) > NEAR_MEAN) return false;
    if (Math.abs(deviation(a, meanA) - deviation(b, meanB)) > NEAR_DEVIATION) return false;
  }
  return true;
}

/** How many of 32 bits are 1. */
function ones(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
