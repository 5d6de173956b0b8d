/**
 * PNG files of the plainest kind, read here because a dataset can hold a million of them, each so small that sharp's
 * fixed cost is all the cost (tests/bench/import.ts): 8 bits, grey, RGB or palette, not interlaced, without
 * transparency or a colour profile. Anything else, and anything damaged, is left to sharp, which says what it is.
 *
 * Format: https://www.w3.org/TR/png-3/.
 */
import { crc32, inflateSync } from 'node:zlib';

export interface PlainPng {
  width: number;
  height: number;
  /** 1: grey, or the number of a colour of the palette. 3: RGB. */
  channels: 1 | 3;
  /** height × width × channels */
  pixels: Uint8Array;
  /** Three bytes for each colour; null where the pixels are the colours themselves. */
  palette: Uint8Array | null;
}

/** Parts in which the pixels of a plain file come: those of usual writers have eight kilobytes and more. */
const MOST_DATA_CHUNKS = 4096;

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** What may stand in a plain file and changes no pixel. */
const HARMLESS = new Set(['tEXt', 'zTXt', 'iTXt', 'tIME', 'pHYs', 'gAMA', 'cHRM', 'sRGB', 'sBIT']);
const [GREY, RGB, PALETTE] = [0, 2, 3];

interface Header {
  width: number;
  height: number;
  colour: number;
}

/** Of any PNG, plain or not. Undefined where the bytes do not begin as one. */
export function pngHeader(bytes: Buffer): (Header & { bits: number; interlaced: boolean }) | undefined {
  if (bytes.length < 33 || bytes.compare(SIGNATURE, 0, 8, 0, 8) !== 0) return undefined;
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    bits: bytes[24]!,
    colour: bytes[25]!,
    interlaced: bytes[28] !== 0,
  };
}

/**
 * Undefined where the file is not plain, or not whole.
 *
 * @param mostPixels a larger image is not read
 * @param into where the pixels go, if it has their length; else a new array has them
 */
export function decodePlainPng(bytes: Buffer, mostPixels: number, into?: Uint8Array): PlainPng | undefined {
  const header = pngHeader(bytes);
  if (header?.bits !== 8 || header.interlaced) return undefined;
  const { width, height, colour } = header;
  if (![GREY, RGB, PALETTE].includes(colour) || width * height > mostPixels) return undefined;
  const chunks = chunksOf(bytes);
  if (!chunks || (colour === PALETTE && !chunks.palette)) return undefined;
  const channels = colour === RGB ? 3 : 1;
  const stride = width * channels;
  let filtered: Buffer;
  try {
    const length = (stride + 1) * height;
    // One piece of the right length, instead of the 16 KiB that zlib takes by itself.
    filtered = inflateSync(chunks.data, { maxOutputLength: length, chunkSize: Math.max(64, length) });
  } catch {
    return undefined;
  }
  if (filtered.length !== (stride + 1) * height) return undefined;
  const pixels = into?.length === stride * height ? into : new Uint8Array(stride * height);
  if (!unfilter(filtered, stride, height, channels, pixels)) return undefined;
  return { width, height, channels, pixels, palette: colour === PALETTE ? chunks.palette! : null };
}

function chunksOf(bytes: Buffer): { data: Buffer; palette: Buffer | undefined } | undefined {
  const data: Buffer[] = [];
  let palette: Buffer | undefined;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end))
      return undefined;
    const type = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + 8, end);
    if (type === 'IEND') return { data: data.length === 1 ? data[0]! : Buffer.concat(data), palette };
    // Millions of empty parts would take a hundred times their bytes.
    if (type === 'IDAT' && data.push(content) > MOST_DATA_CHUNKS) return undefined;
    if (type === 'PLTE') palette = content;
    else if (type !== 'IDAT' && type !== 'IHDR' && !HARMLESS.has(type)) return undefined;
    at = end + 4;
  }
  return undefined;
}

/**
 * Undoes the filter of each row, of which each pixel was told by its difference from its neighbours. A loop for each
 * filter, each with what lies outside the image as zeros: one loop for all would take thrice the time. Places instead
 * of parts of arrays: of small images, making those would be most of the work.
 */
function unfilter(
  told: Uint8Array,
  stride: number,
  height: number,
  step: number,
  pixels: Uint8Array,
): boolean {
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    // Above the first row are zeros: "up" is as it stands there, "Paeth" is "sub".
    const filter = told[from - 1]!;
    if (filter > 4) return false;
    if (filter === 0 || (filter === 2 && y === 0))
      for (let x = 0; x < stride; x++) pixels[to + x] = told[from + x]!;
    else if (filter === 1 || (filter === 4 && y === 0)) unfilterSub(pixels, to, told, from, stride, step);
    else if (filter === 2)
      for (let x = 0; x < stride; x++) pixels[to + x] = told[from + x]! + pixels[to + x - stride]!;
    else if (filter === 3) unfilterAverage(pixels, to, told, from, stride, step);
    else unfilterPaeth(pixels, to, told, from, stride, step);
  }
  return true;
}

type Unfilter = (
  pixels: Uint8Array,
  to: number,
  told: Uint8Array,
  from: number,
  stride: number,
  step: number,
) => void;

const unfilterSub: Unfilter = (pixels, to, told, from, stride, step) => {
  for (let x = 0; x < step; x++) pixels[to + x] = told[from + x]!;
  for (let x = step; x < stride; x++) pixels[to + x] = told[from + x]! + pixels[to + x - step]!;
};

const unfilterAverage: Unfilter = (pixels, to, told, from, stride, step) => {
  for (let x = 0; x < stride; x++) {
    const left = x < step ? 0 : pixels[to + x - step]!;
    const above = to === 0 ? 0 : pixels[to + x - stride]!;
    pixels[to + x] = told[from + x]! + ((left + above) >> 1);
  }
};

const unfilterPaeth: Unfilter = (pixels, to, told, from, stride, step) => {
  const above = to - stride;
  for (let x = 0; x < step; x++) pixels[to + x] = told[from + x]! + pixels[above + x]!;
  for (let x = step; x < stride; x++)
    pixels[to + x] =
      told[from + x]! + paeth(pixels[to + x - step]!, pixels[above + x]!, pixels[above + x - step]!);
};

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const fromLeft = Math.abs(guess - left);
  const fromUp = Math.abs(guess - up);
  const fromCorner = Math.abs(guess - corner);
  if (fromLeft <= fromUp && fromLeft <= fromCorner) return left;
  return fromUp <= fromCorner ? up : corner;
}
