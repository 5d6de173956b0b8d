/**
 * Decodes plain PNG files without sharp, whose fixed overhead dominates for a million small images
 * (tests/bench/import.ts): 8 bits, grey, RGB or palette, not interlaced, without transparency or colour profile. All
 * others, and damaged ones, are left to sharp.
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

/** The most IDAT chunks of a plain file; usual writers use eight kilobytes and more per chunk. */
const MOST_DATA_CHUNKS = 4096;

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Chunks that do not affect pixels. */
const IGNORED_CHUNKS = new Set(['tEXt', 'zTXt', 'iTXt', 'tIME', 'pHYs', 'gAMA', 'cHRM', 'sRGB', 'sBIT']);
const [GREY, RGB, PALETTE] = [0, 2, 3];

interface Header {
  width: number;
  height: number;
  colour: number;
}

/** For any PNG, plain or not; undefined for other bytes. */
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
 * Undefined where the file is not plain or incomplete.
 *
 * @param mostPixels larger images are not decoded
 * @param into the buffer for the pixels, if it has the right length; else a new one
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
    // Allocates the exact length, instead of zlib's 16 KiB blocks.
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
    // Millions of empty chunks would take a hundred times their size in memory.
    if (type === 'IDAT' && data.push(content) > MOST_DATA_CHUNKS) return undefined;
    if (type === 'PLTE') palette = content;
    else if (type !== 'IDAT' && type !== 'IHDR' && !IGNORED_CHUNKS.has(type)) return undefined;
    at = end + 4;
  }
  return undefined;
}

/**
 * Reverses the row filters, with zeros outside the image. One loop per filter, as a common one takes three times as
 * long; offsets instead of subarrays, whose creation would dominate for small images.
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
    // In the first row, whose upper row is zero, "up" is "none" and "Paeth" is "sub".
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
