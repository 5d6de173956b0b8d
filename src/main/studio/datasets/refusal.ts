/** Why an image file could not be decoded, as a sentence: what the file is, not what its name says. */
import { open } from 'node:fs/promises';
import { reasonOf } from './roots.ts';

/** 134 million: a larger image, or a small file that claims to be one, is refused before it takes the memory. */
export const MOST_PIXELS = 2 ** 27;

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

/** @param error what sharp said of it */
export async function refusalOf(file: string | Uint8Array, error: Error): Promise<string> {
  const ends = typeof file === 'string' ? await readEnds(file) : endsOf(file);
  if (typeof ends === 'string') return ends;
  if (ends.size === 0) return 'The file is empty.';
  const head = ends.head.toString('latin1');
  const signature = SIGNATURES.find(({ magic }) => magic.test(head));
  if (!signature) return 'It is not an image, whatever its name says.';
  if (/exceeds pixel limit/.test(error.message)) {
    return `It has more than ${Math.floor(MOST_PIXELS / 1e6)} million pixels.`;
  }
  const isCut = signature.isCut ?? (() => /premature end|unexpected end/i.test(error.message));
  if (isCut(ends.tail.toString('latin1'), ends.head, ends.size)) {
    return `The ${signature.name} is truncated: the file ends before the image does.`;
  }
  const detail = detailOf(error);
  return `The ${signature.name} is damaged${detail && ` (${detail})`}.`;
}

/** What sharp says is wrong; empty where it says several things: all threads write into one text, of any file. */
function detailOf({ message }: Error): string {
  const lines = message.split('\n').map(line => line.replace(/^.*header: */, '').trim());
  const [detail = '', ...others] = new Set(lines.filter(line => line !== ''));
  return others.length === 0 ? detail : '';
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
