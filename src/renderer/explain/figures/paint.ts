/** From numbers to pixels: grey pictures, maps with a sign, heat, and images with colours. */
import type { Numbers } from '../../../bridge/explain.ts';

export interface Pixels {
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

const BLUE: Rgb = [37, 99, 190];
const PALE: Rgb = [244, 244, 242];
const ORANGE: Rgb = [217, 95, 14];
const HEAT: readonly Rgb[] = [
  [20, 11, 52],
  [114, 31, 129],
  [205, 64, 113],
  [251, 136, 97],
  [252, 253, 191],
];

export function paint(
  canvas: HTMLCanvasElement,
  { height, width, values }: Pixels,
  options: PaintOptions,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(width, height);
  const size = height * width;
  const { colouring, range, over } = options;
  const [low, high] = range;
  const span = high - low || 1;
  for (let i = 0; i < size; i++) {
    if (colouring === 'colour') {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = 255 * values[c * size + i]!;
      image.data[4 * i + 3] = 255;
      continue;
    }
    const share = Math.min(1, Math.max(0, (values[i]! - low) / span));
    const [r, g, b] = colourOf(colouring, values[i]!, share, Math.max(-low, high) || 1);
    image.data.set([r, g, b, over ? 40 + 190 * share : 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

function colourOf(colouring: Colouring, value: number, share: number, strongest: number): Rgb {
  if (colouring === 'grey') return [255 * share, 255 * share, 255 * share];
  if (colouring === 'heat') return along(HEAT, share);
  const strength = Math.min(1, Math.abs(value) / strongest);
  return mix(PALE, value < 0 ? BLUE : ORANGE, strength);
}

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
export function channelOf({ shape, values }: Numbers, channel: number): Pixels {
  const [, height = 1, width = 1] = shape;
  return { height, width, values: values.subarray(channel * height * width, (channel + 1) * height * width) };
}

/** An image as it is looked at, and how it is painted. */
export function pictureOf({ shape, values }: Numbers): { map: Pixels; colouring: Colouring } {
  const [channels, height = 1, width = 1] = shape;
  return { map: { height, width, values }, colouring: channels === 3 ? 'colour' : 'grey' };
}
