/**
 * The receptive field of a node: the part of the network's input that one pixel of its output sees, through
 * strides, upsampling and branches. Padding is not image, but it is counted, as is usual: the field of a pixel
 * at the border reaches beyond it.
 */

import type { LayerReach, Reach, SeenPixels } from '../layers/pixelReach.ts';
import { compose, MOST_LOOKS, POINTWISE, union } from '../layers/pixelReach.ts';
import type { Graph } from './document.ts';

/** Per axis, `[height, width]`, in pixels of the network's input. */
export interface ReceptiveField {
  /** Of the pixel that sees most. */
  readonly size: readonly [number, number];
  /** Between the fields of two neighbouring output pixels, on average. */
  readonly jump: readonly [number, number];
  /** Centre of the field of the first output pixel that sees anything; 0.5 is the centre of the first input pixel. */
  readonly start: readonly [number, number];
}

/** What a node's output pixels see of the image, per axis; null: all of it. */
export type Sight = readonly [Reach | null, Reach | null];

export const IMAGE_SIGHT: Sight = [POINTWISE, POINTWISE];

/** Spans that are looked at for the receptive fields of a whole network, along one axis: about a second's worth. */
const LOOKS_OF_ALL = 5_000_000;

/**
 * Spans that may be looked at for each edge and layer of a network: all have the same share, so that a field is the same
 * whatever was inferred before. Where it is not enough, a pixel counts as seeing everything.
 */
export function looksFor({ nodes, edges }: Pick<Graph, 'nodes' | 'edges'>): number {
  const most = LOOKS_OF_ALL / (Object.keys(nodes).length + edges.length);
  // In steps of two, so that hardly any edit changes what all others may look at.
  return Math.min(MOST_LOOKS, 2 ** Math.floor(Math.log2(most)));
}

/** The sight of a layer that reads what others see. @param looks spans that are looked at, at most */
export function sightThrough(reach: LayerReach, inputs: readonly Sight[], looks: number): Sight {
  const axis = (i: 0 | 1): Reach | null => {
    if (reach === 'global') return null;
    let seen: Reach | null = inputs[0]?.[i] ?? null;
    for (const other of inputs.slice(1)) seen = seen && other[i] && union(seen, other[i], looks);
    return seen && reach !== 'pointwise' ? compose(reach[i], seen, looks) : seen;
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

/** As numbers to show; null where a pixel sees the whole image. */
export function fieldOf([vertical, horizontal]: Sight): ReceptiveField | null {
  if (!vertical || !horizontal) return null;
  const both = (of: (reach: Reach) => number) => [of(vertical), of(horizontal)] as const;
  return {
    size: both(({ seen }) => Math.max(...seen.map(extentOf))),
    jump: both(({ shift, period }) => shift / period),
    start: both(({ seen }) => centreOf(seen.find(pixels => pixels.length > 0) ?? [])),
  };
}

/** From the first pixel to the last, those between that are not read included. */
function extentOf(pixels: SeenPixels): number {
  return pixels.length === 0 ? 0 : pixels.at(-1)![1] - pixels[0]![0] + 1;
}

function centreOf(pixels: SeenPixels): number {
  return pixels.length === 0 ? 0 : (pixels[0]![0] + pixels.at(-1)![1] + 1) / 2;
}
