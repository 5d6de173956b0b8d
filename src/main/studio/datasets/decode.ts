/**
 * Image files to pixels, by sharp, and the true reason where that fails. What a file is called is not believed:
 * its content decides. Nothing half-read is used.
 */
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import sharp, { type SharpOptions } from 'sharp';
import { reasonOf } from './roots.ts';

// Many small images at once beat many threads on one; a cache of files would show a changed one as it was.
sharp.concurrency(1);
sharp.cache(false);

/** How many images are worth decoding at once. */
export const DECODERS = availableParallelism() + 1;

/** 134 million: a larger image, or a small file that claims to be one, is refused before it takes the memory. */
const MOST_PIXELS = 2 ** 27;

const OPTIONS: SharpOptions = { failOn: 'error', limitInputPixels: MOST_PIXELS, autoOrient: true };

/** What the header says: size after turning it upright, and whether it has no colours. */
export interface ImageHeader {
  height: number;
  width: number;
  grey: boolean;
}

/** Undefined where the file is no readable image; decoding it tells why. */
export async function readHeader(file: string): Promise<ImageHeader | undefined> {
  try {
    const { autoOrient, space } = await sharp(file, OPTIONS).metadata();
    return { ...autoOrient, grey: space === 'b-w' || space === 'grey16' };
  } catch {
    return undefined;
  }
}

/**
 * Decodes a file, or its bytes, to uint8 pixels, height × width × channels. An image of another size is fitted in whole and
 * centred, the rest black. Transparent parts become white, animations their first picture.
 */
export async function decode(
  file: string | Uint8Array,
  [channels, height, width]: readonly [number, number, number],
): Promise<{ pixels: Uint8Array } | { reason: string }> {
  try {
    const { data } = await sharp(file, OPTIONS)
      .flatten({ background: '#ffffff' })
      .resize({ width, height, fit: 'contain', background: '#000000' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (data.length === channels * height * width) return { pixels: data };
    return { reason: `It decodes to ${data.length} bytes where ${channels * height * width} are wanted.` };
  } catch (error) {
    return { reason: await explain(file, error as Error) };
  }
}

interface Signature {
  name: string;
  magic: RegExp;
  /** Whether a file that ends in `tail` and is `size` bytes long was cut off. */
  isCut?: (tail: string, head: Buffer, size: number) => boolean;
}

/** Of the formats that sharp reads. Bytes are looked at as Latin-1 text. */
const SIGNATURES: readonly Signature[] = [
  { name: 'PNG', magic: /^\x89PNG/, isCut: tail => !tail.includes('IEND') },
  { name: 'JPEG', magic: /^\xff\xd8\xff/, isCut: tail => !tail.includes('\xff\xd9') },
  { name: 'GIF', magic: /^GIF8/, isCut: tail => !tail.endsWith(';') },
  {
    name: 'WebP',
    magic: /^RIFF.{4}WEBP/s,
    isCut: (_, head, size) => size < head.readUInt32LE(4) + 8,
  },
  { name: 'TIFF', magic: /^(II\*\0|MM\0\*)/ },
  { name: 'AVIF or HEIC', magic: /^.{4}ftyp/s },
  { name: 'SVG', magic: /^(\xef\xbb\xbf)?\s*<(\?xml|svg|!DOCTYPE svg)/ },
];

/** Why a file could not be decoded, as a sentence. */
async function explain(file: string | Uint8Array, error: Error): Promise<string> {
  const ends = typeof file === 'string' ? await readEnds(file) : endsOf(file);
  if (typeof ends === 'string') return ends;
  if (ends.size === 0) return 'The file is empty.';
  const head = ends.head.toString('latin1');
  const signature = SIGNATURES.find(({ magic }) => magic.test(head));
  if (!signature) return 'It is not an image, whatever its name says.';
  if (/exceeds pixel limit/.test(error.message)) {
    return `It has more than ${Math.floor(MOST_PIXELS / 1e6)} million pixels.`;
  }
  const cut = /premature end|unexpected end/i.test(error.message);
  if (cut || signature.isCut?.(ends.tail.toString('latin1'), ends.head, ends.size)) {
    return `The ${signature.name} is truncated: the file ends before the image does.`;
  }
  const detail = error.message.split('\n')[0]!.replace(/^.*header: */, '');
  return `The ${signature.name} is damaged${detail && ` (${detail})`}.`;
}

function endsOf(bytes: Uint8Array): { head: Buffer; tail: Buffer; size: number } {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { head: whole.subarray(0, 64), tail: whole.subarray(-64), size: whole.length };
}

async function readEnds(file: string): Promise<{ head: Buffer; tail: Buffer; size: number } | string> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    const length = Math.min(64, size);
    const head = Buffer.alloc(length);
    const tail = Buffer.alloc(length);
    await handle.read(head, 0, length, 0);
    await handle.read(tail, 0, length, size - length);
    return { head, tail, size };
  } catch (error) {
    return `The file ${reasonOf(error)}.`;
  }
}
