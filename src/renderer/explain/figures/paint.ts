/** From numbers to pixels: grey pictures, maps with a sign, heat, and images with colours. */
import type { Numbers } from '../../../bridge/explainCalls.ts';

export interface PaintedPixels {
  readonly height: number;
  readonly width: number;
  /** Of one channel; of three, one plane after the other. */
  readonly values: Float32Array;
}

/** `signed`: blue below zero, orange above. `heat`: from nothing to hot. `colour`: three planes, 0 to 1. */
export type Colouring = 'grey' | 'signed' | 'heat' | 'colour';

export interface PaintOptions {
  readonly colouring: Colouring;
  readonly range: readonly [number, number];
  /** See-through where it is low. */
  readonly over: boolean;
}

type Rgb = readonly [number, number, number];

/** Blue below nothing, orange above. */
const SIGNED: readonly Rgb[] = [
  [37, 99, 190],
  [244, 244, 242],
  [217, 95, 14],
];
const HEAT: readonly Rgb[] = [
  [20, 11, 52],
  [114, 31, 129],
  [205, 64, 113],
  [251, 136, 97],
  [252, 253, 191],
];

/** Shades of a colouring, from its lowest to its highest, as the bytes of a pixel. */
const SHADE_COUNT = 256;

export function paint(
  canvas: HTMLCanvasElement,
  { height, width, values }: PaintedPixels,
  { colouring, range, over }: PaintOptions,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  if (colouring === 'colour') paintColours(pixels, values);
  else {
    const [low, high] = range;
    // Of a map with a sign, nothing is in the middle.
    const strongest = Math.max(-low, high) || 1;
    const [from, span] = colouring === 'signed' ? [-strongest, 2 * strongest] : [low, high - low || 1];
    const shades = shadesOf(colouring, over);
    for (let i = 0; i < pixels.length; i++) {
      const shade = Math.round(((values[i]! - from) / span) * (SHADE_COUNT - 1));
      pixels[i] = shades[Math.max(0, Math.min(SHADE_COUNT - 1, shade))]!;
    }
  }
  context.putImageData(image, 0, 0);
}

function paintColours(pixels: Uint32Array, values: Float32Array): void {
  const size = pixels.length;
  const byte = (value: number) => Math.max(0, Math.min(255, Math.round(255 * value)));
  for (let i = 0; i < size; i++)
    pixels[i] = pixelOf([byte(values[i]!), byte(values[size + i]!), byte(values[2 * size + i]!)], 255);
}

function shadesOf(colouring: Exclude<Colouring, 'colour'>, over: boolean): Uint32Array {
  return Uint32Array.from({ length: SHADE_COUNT }, (_, shade) => {
    const share = shade / (SHADE_COUNT - 1);
    return pixelOf(colourAt(colouring, share), over ? 40 + 190 * share : 255);
  });
}

function colourAt(colouring: Exclude<Colouring, 'colour'>, share: number): Rgb {
  if (colouring === 'grey') return [255 * share, 255 * share, 255 * share];
  return along(colouring === 'heat' ? HEAT : SIGNED, share);
}

/** As bytes lie in an image's data: every machine that runs this is little-endian. */
const pixelOf = ([r, g, b]: Rgb, alpha: number) => ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;

function along(stops: readonly Rgb[], share: number): Rgb {
  const place = share * (stops.length - 1);
  const first = Math.min(stops.length - 2, Math.floor(place));
  return mix(stops[first]!, stops[first + 1]!, place - first);
}

const mix = (a: Rgb, b: Rgb, t: number): Rgb => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];

export function rangeOf(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return low <= high ? [low, high] : [0, 0];
}

/** One channel of a tensor. */
export function channelOf({ shape, values }: Numbers, channel: number): PaintedPixels {
  const [, height = 1, width = 1] = shape;
  return { height, width, values: values.subarray(channel * height * width, (channel + 1) * height * width) };
}

/** An image as it is looked at, and how it is painted. */
export function pictureOf({ shape, values }: Numbers): { map: PaintedPixels; colouring: Colouring } {
  const [channels, height = 1, width = 1] = shape;
  return { map: { height, width, values }, colouring: channels === 3 ? 'colour' : 'grey' };
}
