/**
 * Images that are copies of one another: the same pixels, or nearly, as after scaling or another compression. Found
 * by hashes; never looks at pixels, and never at more than a bounded number of candidates for each image. Images are added
 * as they arrive, so that the search is done when the import is.
 */
import { setImmediate } from 'node:timers/promises';
import type { ImageRow } from '../../../database/datasetRows.ts';
import { HASH_BYTES, LOOK_BYTES } from '../decode/measureImage.ts';

/** Bits of 64 by which the perceptual hashes of copies may differ. */
const NEAR_BITS = 4;
/** By how many of a byte's 255 steps mean and deviation of a channel may differ: JPEG blurs colours. */
const NEAR_MEAN = 3;
const NEAR_DEVIATION = 8;
/** Root of the mean square of the differences at 8 × 8, of 255 steps. What is compressed or scaled stays below. */
const NEAR_RMS = 3.5;
/** Pixels of a look. */
const LOOK_PIXELS = LOOK_BYTES - HASH_BYTES;
/**
 * Images are laid into a grid by the four of the sums of `walsh` that vary most among them. By Cauchy and Schwarz no
 * sum differs between near copies by more than `PIXELS` × `NEAR_RMS`, so with cells of that size they lie in
 * neighbouring cells: none is missed.
 */
const CELL_SIZE = LOOK_PIXELS * NEAR_RMS;
const CELL_AXES = 4;
/** What a step to the next cell along each sum adds to the number of a cell. */
const STEPS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;
/** A cell and its neighbours, as what is added to the number of the cell. */
const NEIGHBOUR_OFFSETS = Int32Array.from({ length: 3 ** CELL_AXES }, (_, at) =>
  STEPS.reduce((sum, step, axis) => sum + Math.imul(step, (Math.floor(at / 3 ** axis) % 3) - 1), 0),
);
/** Candidates that an image is compared with, per cell: those nearest in order. */
const MOST_CANDIDATES = 400;
/** Images looked at before other work gets its turn. */
const IMAGES_PER_TURN = 5000;

type Seen = Pick<ImageRow, 'index' | 'hash' | 'maskHash' | 'look' | 'moments'>;

export interface Twins {
  /** By index: the smallest index of the group; missing of an image that is alone. */
  group: Map<number, number>;
  /** Indices of images with a copy of the very same pixels. */
  exact: Set<number>;
  /** Indices of images with a copy that is nearly the same. */
  near: Set<number>;
}

/** Finds them among images that are there already. */
export async function findTwins(
  images: readonly Seen[],
  pixels: number,
  signal: AbortSignal,
): Promise<Twins> {
  const finder = new TwinFinder(pixels);
  for (let at = 0; at < images.length; at += IMAGES_PER_TURN) {
    await setImmediate();
    signal.throwIfAborted();
    for (const image of images.slice(at, at + IMAGES_PER_TURN)) finder.add(image);
  }
  return finder.twins();
}

export class TwinFinder {
  readonly #pixels: number;
  readonly #images: Seen[] = [];
  /** Of each image another one of its group, or itself. */
  readonly #parent: number[] = [];
  readonly #byHash = new Map<string, number>();
  readonly #exact = new Set<number>();
  readonly #near = new Set<number>();
  /** Of images with the same pixels the first, which stands for all, where it has a look. */
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

  twins(): Twins {
    const members = Map.groupBy(this.#images.keys(), at => this.#root(at));
    const group = new Map<number, number>();
    for (const [first, all] of members) {
      if (all.length > 1)
        for (const at of all) group.set(this.#images[at]!.index, this.#images[first]!.index);
    }
    return { group, exact: this.#exact, near: this.#near };
  }

  /** Of two images whose 8 × 8 pixels are nearly the same. */
  #compare(first: number, second: number): void {
    const one = this.#images[first]!;
    const two = this.#images[second]!;
    if (bitsBetween(one.look!, two.look!) > NEAR_BITS) return;
    // Of a thousand frames of a film, most pairs tell nothing new.
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

/** Looks, and which of them are nearly the same. */
class Grid {
  #count = 0;
  #sums = new Int16Array(0);
  #cells = new Int32Array(0);
  /** The sums, those first that varied most when the grid was last made larger. */
  #order = Array.from({ length: LOOK_PIXELS }, (_, at) => at);
  /** Chains of those whose cells share a slot: of each slot the last, and of each look the one before. */
  #last = new Int32Array(0);
  #before = new Int32Array(0);

  /** Tells of each of the looks before, by its number, that is nearly the same; then adds this one. */
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

/** The places of the sums, of as many looks as there are, by how much they vary. */
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
 * The Walsh–Hadamard transform of a look's 8 × 8 pixels: 64 sums of all pixels, half of them taken away. It turns
 * space without stretching it, so that differences tell the same; but few sums tell most, and they come first.
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

/** Whether the pixels of two looks, of which the sums are given, are nearly the same. */
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
