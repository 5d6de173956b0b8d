/**
 * Images that are copies of one another: the same pixels, or nearly, as after scaling or another compression. Found
 * by hashes; never looks at pixels, and never at more than a bounded number of candidates for each image.
 */
import { setImmediate } from 'node:timers/promises';
import type { ImageRow } from '../../database/datasets.ts';

/** Bits of 64 by which the looks of copies may differ. */
const NEAR_BITS = 4;
/** By how many of a byte's 255 steps mean and deviation of a channel may differ: JPEG blurs colours. */
const NEAR_MEAN = 3;
const NEAR_DEVIATION = 8;
/**
 * Looks are compared where one of their six parts is the same: four wrong bits leave two whole. A part lies in one
 * half of the 64 bits.
 */
const PARTS: readonly { half: 0 | 1; shift: number; mask: number }[] = ([0, 1] as const).flatMap(half => [
  { half, shift: 0, mask: 0x7ff },
  { half, shift: 11, mask: 0x7ff },
  { half, shift: 22, mask: 0x3ff },
]);
/** Candidates that an image is compared with, per part: those nearest in order. */
const MOST_CANDIDATES = 400;
/** Images looked at before other work gets its turn. */
const SLICE = 500;

type Seen = Pick<ImageRow, 'index' | 'hash' | 'maskHash' | 'look' | 'moments'>;

export interface Twins {
  /** By index: the smallest index of the group; missing of an image that is alone. */
  group: Map<number, number>;
  /** Indices of images with a copy of the very same pixels. */
  exact: Set<number>;
  /** Indices of images with a copy that is nearly the same. */
  near: Set<number>;
}

export async function findTwins(images: readonly Seen[], pixels: number): Promise<Twins> {
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
  const singles = [...byHash.values()].filter(at => images[at]!.look);
  for await (const [a, b] of nearPairs(singles, images, pixels)) {
    join(a, b);
    near.add(images[a]!.index).add(images[b]!.index);
  }
  const members = Map.groupBy(images.keys(), root);
  const group = new Map<number, number>();
  for (const [first, all] of members) {
    if (all.length > 1) for (const at of all) group.set(images[at]!.index, images[first]!.index);
  }
  return { group, exact, near };
}

async function* nearPairs(
  singles: readonly number[],
  images: readonly Seen[],
  pixels: number,
): AsyncGenerator<[number, number]> {
  const [lows, highs] = [new Uint32Array(images.length), new Uint32Array(images.length)];
  for (const at of singles) {
    lows[at] = images[at]!.look!.readUInt32LE(0);
    highs[at] = images[at]!.look!.readUInt32LE(4);
  }
  for (const { half, shift, mask } of PARTS) {
    const words = half === 0 ? lows : highs;
    const buckets = new Map<number, number[]>();
    for (const [done, at] of singles.entries()) {
      if (done % SLICE === 0) await setImmediate();
      const part = (words[at]! >>> shift) & mask;
      const bucket = buckets.get(part);
      if (!bucket) {
        buckets.set(part, [at]);
        continue;
      }
      for (let i = Math.max(0, bucket.length - MOST_CANDIDATES); i < bucket.length; i++) {
        const other = bucket[i]!;
        if (ones(lows[at]! ^ lows[other]!) + ones(highs[at]! ^ highs[other]!) > NEAR_BITS) continue;
        if (statisticsAgree(images[at]!.moments!, images[other]!.moments!, pixels)) yield [other, at];
      }
      bucket.push(at);
    }
  }
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
