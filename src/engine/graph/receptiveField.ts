/**
 * The receptive field of a node: the part of the network's input that one pixel of its output depends on, through
 * strides, upsampling and branches. Padding is counted, as is usual: the field of a border pixel exceeds the image.
 */

import type { LayerReach, Reach, SeenPixels } from '../layers/pixelReach.ts';
import { compose, MAX_VISITS, POINTWISE, union } from '../layers/pixelReach.ts';
import type { Graph } from './document.ts';

/** Per axis, `[height, width]`, in pixels of the network's input. */
export interface ReceptiveField {
  /** Of the pixel with the largest field. */
  readonly size: readonly [number, number];
  /** Distance of the fields of two neighbouring output pixels, on average. */
  readonly jump: readonly [number, number];
  /** Centre of the field of the first output pixel that sees anything; 0.5 is the centre of the first input pixel. */
  readonly start: readonly [number, number];
}

/** The input pixels of a node's output pixels, per axis; null: all. */
export type Sight = readonly [Reach | null, Reach | null];

export const IMAGE_SIGHT: Sight = [POINTWISE, POINTWISE];

/** The most spans visited for a whole network, along one axis: about a second. */
const MAX_VISITS_TOTAL = 5_000_000;

/**
 * The budget of visited spans per edge and layer. It is the same for all, so that a field does not depend on what was
 * inferred before. Where it is exceeded, a pixel counts as seeing the whole image.
 */
export function visitBudget({ nodes, edges }: Pick<Graph, 'nodes' | 'edges'>): number {
  const most = MAX_VISITS_TOTAL / (Object.keys(nodes).length + edges.length);
  // A power of two, so that few edits change the budget, which invalidates all fields.
  return Math.min(MAX_VISITS, 2 ** Math.floor(Math.log2(most)));
}

/** The sight of a layer whose inputs have these sights. @param visits the most spans to visit */
export function sightThrough(reach: LayerReach, inputs: readonly Sight[], visits: number): Sight {
  const axis = (i: 0 | 1): Reach | null => {
    if (reach === 'global') return null;
    let seen: Reach | null = inputs[0]?.[i] ?? null;
    for (const other of inputs.slice(1)) seen = seen && other[i] && union(seen, other[i], visits);
    return seen && reach !== 'pointwise' ? compose(reach[i], seen, visits) : seen;
  };
  return [axis(0), axis(1)];
}

export function isSameSight(a: Sight, b: Sight): boolean {
  return a.every((reach, i) => reach === b[i] || (reach && b[i] && isSameReach(reach, b[i])));
}

function isSameReach(a: Reach, b: Reach): boolean {
  if (a.period !== b.period || a.shift !== b.shift) return false;
  return a.seen.every((pixels, i) => String(pixels) === String(b.seen[i]));
}

/** The numbers to show; null where a pixel sees the whole image. */
export function fieldOf([vertical, horizontal]: Sight): ReceptiveField | null {
  if (!vertical || !horizontal) return null;
  const both = (of: (reach: Reach) => number) => [of(vertical), of(horizontal)] as const;
  return {
    size: both(({ seen }) => Math.max(...seen.map(extentOf))),
    jump: both(({ shift, period }) => shift / period),
    start: both(({ seen }) => centreOf(seen.find(pixels => pixels.length > 0) ?? [])),
  };
}

/** From the first pixel to the last, including gaps. */
function extentOf(pixels: SeenPixels): number {
  return pixels.length === 0 ? 0 : pixels.at(-1)![1] - pixels[0]![0] + 1;
}

function centreOf(pixels: SeenPixels): number {
  return pixels.length === 0 ? 0 : (pixels[0]![0] + pixels.at(-1)![1] + 1) / 2;
}
