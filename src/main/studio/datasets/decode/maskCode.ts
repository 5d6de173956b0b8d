/** The meaning of mask pixels: class indices or colours. */
import { type Fitting, fitMask, type PixelExtent } from './imageGeometry.ts';
import { decodePlainPng } from './plainPng.ts';

/** A class's number is the index of its value: a byte, or a colour as 0xRRGGBB. */
export interface MaskCode {
  by: 'index' | 'colour';
  values: readonly number[];
}

/** The values that occur in a mask. */
export interface MaskValues {
  by: MaskCode['by'];
  values: number[];
}

/** A decoded mask; for palettes the index counts, as in Pascal VOC. */
export interface RawMask extends PixelExtent {
  /** height × width × channels. Of one or two channels the first is a number, of three or four it is a colour. */
  data: Uint8Array;
  channels: number;
}

/** Images with more values cannot be masks of classes. */
export const MOST_MASK_VALUES = 256;

/** Undefined where the file is not plain, or larger than `mostPixels`. */
export function readPlainMask(bytes: Buffer, mostPixels: number): RawMask | undefined {
  const plain = decodePlainPng(bytes, mostPixels);
  return plain && { ...plain, data: plain.pixels };
}

const kindOf = ({ channels }: RawMask): MaskCode['by'] => (channels < 3 ? 'index' : 'colour');

/** The value of the pixel at an index. */
function valueAt({ data, channels }: RawMask, at: number): number {
  const from = at * channels;
  return channels < 3 ? data[from]! : (data[from]! << 16) | (data[from + 1]! << 8) | data[from + 2]!;
}

/** The values that occur; with too many, it stops one above the limit. */
export function valuesOf(mask: RawMask): MaskValues {
  const values = new Set<number>();
  const pixels = mask.width * mask.height;
  for (let at = 0, last = -1; at < pixels && values.size <= MOST_MASK_VALUES; at++) {
    const value = valueAt(mask, at);
    if (value !== last) values.add(value);
    last = value;
  }
  return { by: kindOf(mask), values: [...values] };
}

/** The class index of each pixel, resized to `to`; or a reason. */
export function classesOf(
  mask: RawMask,
  code: MaskCode,
  to: PixelExtent,
  fitting: Fitting,
): Uint8Array | { reason: string } {
  const places = new Map(code.values.map((value, place) => [value, place]));
  const isGreyOfColours = code.by === 'colour' && kindOf(mask) === 'index';
  let unknown: number | undefined;
  const classes = fitMask(mask, to, fitting, at => {
    const value = isGreyOfColours ? valueAt(mask, at) * 0x010101 : valueAt(mask, at);
    const place = places.get(value);
    if (place === undefined) unknown ??= value;
    return place ?? 0;
  });
  if (unknown === undefined) return classes;
  const name = code.by === 'index' ? `the number ${unknown}` : `the colour ${colourName(unknown)}`;
  return { reason: `Its mask has ${name}, which stands for no class.` };
}

export function colourName(value: number): string {
  return `#${value.toString(16).padStart(6, '0')}`;
}
