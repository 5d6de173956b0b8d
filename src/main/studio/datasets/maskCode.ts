/** What the pixels of mask files stand for: numbers of classes, or colours. */
import type { Extent } from './geometry.ts';
import { decodePlainPng } from './plainPng.ts';
import { MOST_PIXELS } from './refusal.ts';
import { loadSharp } from './sharpLater.ts';

/** A class's number is the place of its value: a byte, or a colour as 0xRRGGBB. */
export interface MaskCode {
  by: 'index' | 'colour';
  values: readonly number[];
}

export interface RawMask extends Extent {
  by: MaskCode['by'];
  /** height × width */
  values: Uint32Array;
}

/** Reads a mask file. Of a palette, the numbers count, as Pascal VOC means them. @throws what sharp throws */
export async function readMask(bytes: Buffer): Promise<RawMask> {
  const plain = decodePlainPng(bytes, MOST_PIXELS);
  if (plain) {
    const { width, height, channels, pixels } = plain;
    return rawMask({ width, height }, channels, pixels);
  }
  const sharp = await loadSharp();
  const { data, info } = await sharp(bytes, { failOn: 'error', limitInputPixels: MOST_PIXELS })
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return rawMask(info, info.channels, data);
}

function rawMask({ width, height }: Extent, channels: number, pixels: Uint8Array): RawMask {
  if (channels < 3) {
    const values = Uint32Array.from({ length: width * height }, (_, at) => pixels[at * channels]!);
    return { width, height, by: 'index', values };
  }
  const values = new Uint32Array(width * height);
  for (let at = 0; at < values.length; at++) {
    const from = at * channels;
    values[at] = (pixels[from]! << 16) | (pixels[from + 1]! << 8) | pixels[from + 2]!;
  }
  return { width, height, by: 'colour', values };
}

/** The number of each pixel's class, or why there is none. */
export function classesOf(mask: RawMask, code: MaskCode): Uint8Array | { reason: string } {
  const places = new Map(code.values.map((value, place) => [value, place]));
  const classes = new Uint8Array(mask.values.length);
  for (const [at, raw] of mask.values.entries()) {
    const value = code.by === 'colour' && mask.by === 'index' ? raw * 0x010101 : raw;
    const place = places.get(value);
    if (place === undefined) {
      const name = code.by === 'index' ? `the number ${value}` : `the colour ${colourName(value)}`;
      return { reason: `Its mask has ${name}, which stands for no class.` };
    }
    classes[at] = place;
  }
  return classes;
}

export function colourName(value: number): string {
  return `#${value.toString(16).padStart(6, '0')}`;
}
