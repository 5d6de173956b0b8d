/** The reason why an image file cannot be decoded, as a sentence, from its actual format rather than its name. */
import { readSync } from 'node:fs';
import { withRegularFile } from '../../../regularFile.ts';
import { reasonOf } from '../import/readableRoots.ts';
import { MOST_FILE_BYTES, MOST_PIXELS, MOST_SIDE } from '../limits.ts';
import { quoted } from '../quote.ts';
import type { PixelExtent } from './imageGeometry.ts';

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
    isCut: (_, head, size) => head.length >= 8 && size < head.readUInt32LE(4) + 8,
  },
  { name: 'TIFF', magic: /^(II\*\0|MM\0\*)/ },
  { name: 'AVIF or HEIC', magic: /^.{4}ftyp/s },
  { name: 'SVG', magic: /^(\xef\xbb\xbf)?\s*<(\?xml|svg|!DOCTYPE svg)/ },
];

/** Why a file is not decoded, in a sentence that says all. */
export class ImageRefusal extends Error {
  override readonly name = 'Refusal';
}

const NO_IMAGE = 'It is not an image, whatever its name says.';

/** Bytes by which a file is known. */
export const SIGNATURE_BYTES = 64;

/** An SVG may begin with a comment, and be gzipped. */
const mayBeSvg = (head: Uint8Array) =>
  /^(\xef\xbb\xbf)?\s*(<|$)/.test(textOf(head)) || (head[0] === 0x1f && head[1] === 0x8b);

/** @throws Refusal where a file with this beginning cannot be an image */
export function requireImage(head: Uint8Array): void {
  if (head.length === 0) throw new ImageRefusal('The file is empty.');
  if (!signatureOf(head) && !mayBeSvg(head)) throw new ImageRefusal(NO_IMAGE);
}

/** @throws Refusal where a file is too large to be read */
export function requireFileSize(bytes: number): void {
  if (bytes > MOST_FILE_BYTES)
    throw new ImageRefusal(
      `The file has ${inMegabytes(bytes)}; at most ${inMegabytes(MOST_FILE_BYTES)} are read.`,
    );
}

/** Checks the size in a header before decoding. @throws Refusal where the image is too large */
export function requireExtent({ width, height }: PixelExtent): void {
  if (width * height > MOST_PIXELS)
    throw new ImageRefusal(`It has more than ${Math.floor(MOST_PIXELS / 1e6)} million pixels.`);
  if (Math.max(width, height) > MOST_SIDE)
    throw new ImageRefusal(`It is ${width}×${height} pixels; a side may have at most ${MOST_SIDE}.`);
}

export function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

/** @param error sharp's or the system's error */
export function refusalOf(file: string | Uint8Array, error: Error): string {
  if (error instanceof ImageRefusal) return error.message;
  const ends = typeof file === 'string' ? readEnds(file) : endsOf(file);
  if (typeof ends === 'string') return ends;
  if (ends.size === 0) return 'The file is empty.';
  const signature = signatureOf(ends.head);
  if (!signature) return NO_IMAGE;
  if (/exceeds pixel limit/.test(error.message)) {
    return `It has more than ${Math.floor(MOST_PIXELS / 1e6)} million pixels.`;
  }
  const isCut = signature.isCut ?? (() => /premature end|unexpected end/i.test(error.message));
  if (isCut(ends.tail.toString('latin1'), ends.head, ends.size)) {
    return `The ${signature.name} is truncated: the file ends before the image does.`;
  }
  const detail = quoted(detailOf(error));
  return `The ${signature.name} is damaged${detail && ` (${detail})`}.`;
}

function signatureOf(head: Uint8Array): Signature | undefined {
  const text = textOf(head);
  return SIGNATURES.find(({ magic }) => magic.test(text));
}

function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, Math.min(SIGNATURE_BYTES, length)).toString('latin1');
}

/**
 * sharp's error message; empty where it has several lines, because all threads share one error buffer and they may
 * concern other files.
 */
function detailOf({ message }: Error): string {
  const lines = message.split('\n').map(line => line.replace(/^.*header: */, '').trim());
  const [detail = '', ...others] = new Set(lines.filter(line => line !== ''));
  return others.length === 0 ? detail : '';
}

interface Ends {
  head: Buffer;
  tail: Buffer;
  size: number;
}

function endsOf(bytes: Uint8Array): Ends {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    head: whole.subarray(0, SIGNATURE_BYTES),
    tail: whole.subarray(-SIGNATURE_BYTES),
    size: whole.length,
  };
}

function readEnds(file: string): Ends | string {
  try {
    return withRegularFile(file, (handle, { size }) => {
      const length = Math.min(SIGNATURE_BYTES, size);
      const [head, tail] = [Buffer.alloc(length), Buffer.alloc(length)];
      readSync(handle, head, 0, length, 0);
      readSync(handle, tail, 0, length, size - length);
      return { head, tail, size };
    });
  } catch (error) {
    return `The file ${reasonOf(error)}.`;
  }
}
