/**
 * Finds duplicates among images: identical pixels, or nearly, as after scaling or recompression. It works on hashes,
 * not pixels, with a bounded number of candidates per image. Images are added as they arrive, so that the search ends
 * with the import.
 */
import { setImmediate } from 'node:timers/promises';
import type { ImageRow } from '../../../database/datasetRows.ts';
import { HASH_BYTES, LOOK_BYTES } from '../decode/measureImage.ts';

/** The largest Hamming distance of the perceptual hashes of duplicates, in bits of 64. */
const NEAR_BITS = 4;
/**
 * The largest difference of a channel's mean and standard deviation, in units of 1/255; JPEG changes colours slightly.
 */
const NEAR_MEAN = 3;
const NEAR_DEVIATION = 8;
/** The largest RMS difference of the 8 × 8 grey images, in units of 1/255; compressed or scaled copies are below. */
const NEAR_RMS = 3.5;
/** Pixels of the 8 × 8 grey image. */
const LOOK_PIXELS = LOOK_BYTES - HASH_BYTES;
/**
 * Images are sorted into a grid by four of their Walsh–Hadamard sums, those with the largest variance. By the
 * Cauchy–Schwarz inequality no sum of near duplicates differs by more than LOOK_PIXELS × NEAR_RMS, so that with cells
 * of that size they are in neighbouring cells.
 */
const CELL_SIZE = LOOK_PIXELS * NEAR_RMS;
const CELL_AXES = 4;
/** The hash increments of a step along each axis of the grid. */
const STEPS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;
/** The hash offsets of a cell's neighbours and itself. */
const NEIGHBOUR_OFFSETS = Int32Array.from({ length: 3 ** CELL_AXES }, (_, at) =>
  STEPS.reduce((sum, step, axis) => sum + Math.imul(step, (Math.floor(at / 3 ** axis) % 3) - 1), 0),
);
/** The most candidates per cell to compare with; the nearest in order. */
const MOST_CANDIDATES = 400;
/** Images processed before yielding to other work. */
const IMAGES_PER_TURN = 5000;

type Seen = Pick<ImageRow, 'index' | 'hash' | 'maskHash' | 'look' | 'moments'>;

export interface DuplicateGroups {
  /** By index: the smallest index in its group; missing for images without duplicates. */
  group: Map<number, number>;
  /** Indices of images with an identical copy. */
  exact: Set<number>;
  /** Indices of images with a near duplicate. */
  near: Set<number>;
}

/** Finds duplicates among existing images. */
export async function findDuplicates(
  images: readonly Seen[],
  pixels: number,
  signal: AbortSignal,
): Promise<DuplicateGroups> {
  const finder = new DuplicateFinder(pixels);
  for (let at = 0; at < images.length; at += IMAGES_PER_TURN) {
    await setImmediate();
    signal.throwIfAborted();
    for (const image of images.slice(at, at + IMAGES_PER_TURN)) finder.add(image);
  }
  return finder.twins();
}

export class DuplicateFinder {
  readonly #pixels: number;
  readonly #images: Seen[] = [];
  /** Union-find: for each image another one of its group, or itself. */
  readonly #parent: number[] = [];
  readonly #byHash = new Map<string, number>();
  readonly #exact = new Set<number>();
  readonly #near = new Set<number>();
  /** For identical images, the first, which represents them all. */
  readonly #singles: number[] = [];
  readonly #grid = new Grid();

  /** @param pixels of each image */
  constructor(pixels: number) {
    this.#pixels = pixels;
  }

  add(image: Seen): void {
    const at = this.#images.push(image) - 1;
    this.#parent.push(at);
    const key = image.hash.toString('latin1');
    const first = this.#byHash.get(key);
    if (first !== undefined) {
      this.#join(first, at);
      this.#exact.add(this.#images[first]!.index).add(image.index);
      return;
    }
    this.#byHash.set(key, at);
    if (image.look?.length !== LOOK_BYTES) return;
    this.#singles.push(at);
    this.#grid.add(image.look, single => this.#compare(this.#singles[single]!, at));
  }

  twins(): DuplicateGroups {
    const members = Map.groupBy(this.#images.keys(), at => this.#root(at));
    const group = new Map<number, number>();
    for (const [first, all] of members) {
      if (all.length > 1)
        for (const at of all) group.set(this.#images[at]!.index, this.#images[first]!.index);
    }
    return { group, exact: this.#exact, near: this.#near };
  }

  /** Compares two images with similar 8 × 8 pixels. */
  #compare(first: number, second: number): void {
    const one = this.#images[first]!;
    const two = this.#images[second]!;
    if (bitsBetween(one.look!, two.look!) > NEAR_BITS) return;
    // Skips pairs that add nothing, as among a thousand frames of a film.
    const isKnown = this.#near.has(one.index) && this.#near.has(two.index);
    if (isKnown && this.#root(first) === this.#root(second)) return;
    if (!statisticsAgree(one.moments!, two.moments!, this.#pixels)) return;
    this.#join(first, second);
    this.#near.add(one.index).add(two.index);
  }

  #root(at: number): number {
    const parent = this.#parent;
    let top = at;
    while (parent[top] !== top) top = parent[top] = parent[parent[top]!]!;
    return top;
  }

  #join(a: number, b: number): void {
    const [ra, rb] = [this.#root(a), this.#root(b)];
    this.#parent[Math.max(ra, rb)] = Math.min(ra, rb);
  }
}

/** The 8 × 8 grey images in a grid, to find similar ones. */
class Grid {
  #count = 0;
  #sums = new Int16Array(0);
  #cells = new Int32Array(0);
  /** The order of the sums, by variance when the grid was last enlarged. */
  #order = Array.from({ length: LOOK_PIXELS }, (_, at) => at);
  /** Hash chains: the last entry of each slot, and each entry's predecessor. */
  #last = new Int32Array(0);
  #before = new Int32Array(0);

  /** Calls `onNear` with each earlier similar image, then adds this one. */
  add(look: Buffer, onNear: (other: number) => void): void {
    const at = this.#count++;
    if (at === this.#cells.length) this.#grow();
    walsh(look, this.#order, this.#sums, at * LOOK_PIXELS);
    const cell = cellOf(this.#sums, at);
    this.#cells[at] = cell;
    for (const step of NEIGHBOUR_OFFSETS) this.#compare(at, (cell + step) | 0, onNear);
    this.#chain(at);
  }

  #compare(at: number, cell: number, onNear: (other: number) => void): void {
    const [cells, before, sums] = [this.#cells, this.#before, this.#sums];
    let other = this.#last[this.#slotOf(cell)]!;
    for (let tries = 0; other >= 0 && tries < MOST_CANDIDATES; tries++, other = before[other]!)
      if (cells[other] === cell && areNear(sums, at, other)) onNear(other);
  }

  #slotOf(cell: number): number {
    return Math.imul(cell ^ (cell >>> 15), 0x2c1b3c6d) >>> (Math.clz32(this.#last.length) + 1);
  }

  #chain(at: number): void {
    const slot = this.#slotOf(this.#cells[at]!);
    this.#before[at] = this.#last[slot]!;
    this.#last[slot] = at;
  }

  #grow(): void {
    const filled = this.#cells.length;
    const length = Math.max(1024, 2 * filled);
    const places = mostVarying(this.#sums);
    this.#order = places.map(place => this.#order[place]!);
    const sums = new Int16Array(length * LOOK_PIXELS);
    for (let from = 0; from < this.#sums.length; from += LOOK_PIXELS)
      for (let at = 0; at < LOOK_PIXELS; at++) sums[from + at] = this.#sums[from + places[at]!]!;
    this.#sums = sums;
    this.#cells = new Int32Array(length);
    this.#before = new Int32Array(length);
    this.#last = new Int32Array(2 * length).fill(-1);
    for (let at = 0; at < filled; at++) {
      this.#cells[at] = cellOf(sums, at);
      this.#chain(at);
    }
  }
}

function cellOf(sums: Int16Array, at: number): number {
  let cell = 0;
  for (let axis = 0; axis < CELL_AXES; axis++)
    cell = (cell + Math.imul(Math.floor(sums[at * LOOK_PIXELS + axis]! / CELL_SIZE), STEPS[axis]!)) | 0;
  return cell;
}

/** The indices of the sums by decreasing variance. */
function mostVarying(sums: Int16Array): number[] {
  const count = Math.max(1, sums.length / LOOK_PIXELS);
  const [mean, square] = [new Float64Array(LOOK_PIXELS), new Float64Array(LOOK_PIXELS)];
  for (let at = 0; at < sums.length; at++) {
    mean[at % LOOK_PIXELS]! += sums[at]! / count;
    square[at % LOOK_PIXELS]! += sums[at]! ** 2 / count;
  }
  const variance = square.map((each, at) => each - mean[at]! ** 2);
  return Array.from(variance.keys()).sort((a, b) => variance[b]! - variance[a]!);
}

const unordered = new Int16Array(LOOK_PIXELS);

/**
 * The Walsh–Hadamard transform of 8 × 8 pixels: 64 sums with alternating signs. It preserves distances, and
 * concentrates them in few sums.
 */
function walsh(look: Buffer, order: readonly number[], sums: Int16Array, to: number): void {
  for (let at = 0; at < LOOK_PIXELS; at++) unordered[at] = look[HASH_BYTES + at]!;
  for (let half = 1; half < LOOK_PIXELS; half *= 2) {
    for (let from = 0; from < LOOK_PIXELS; from += 2 * half) {
      for (let at = from; at < from + half; at++) {
        const a = unordered[at]!;
        const b = unordered[at + half]!;
        unordered[at] = a + b;
        unordered[at + half] = a - b;
      }
    }
  }
  for (let at = 0; at < LOOK_PIXELS; at++) sums[to + at] = unordered[order[at]!]!;
}

/** Whether two images, given by their sums, are similar. */
function areNear(sums: Int16Array, a: number, b: number): boolean {
  const most = (NEAR_RMS * LOOK_PIXELS) ** 2;
  let total = 0;
  for (let at = 0; at < LOOK_PIXELS; at++) {
    const difference = sums[a * LOOK_PIXELS + at]! - sums[b * LOOK_PIXELS + at]!;
    total += difference * difference;
    if (total > most) return false;
  }
  return true;
}

/** The Hamming distance of two hashes. */
function bitsBetween(a: Buffer, b: Buffer): number {
  return popCount(a.readInt32LE(0) ^ b.readInt32LE(0)) + popCount(a.readInt32LE(4) ^ b.readInt32LE(4));
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

/** The number of bits that are set. */
function popCount(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
