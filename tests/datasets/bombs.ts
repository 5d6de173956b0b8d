/** Files that announce more than they hold. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32, createGzip, deflateSync, gzipSync } from 'node:zlib';

interface PngOptions {
  bits?: number;
  colour?: number;
  isInterlaced?: boolean;
}

/** A PNG of a hundred bytes that says it is so large. */
export function pngOf(width: number, height: number, options: PngOptions = {}): Buffer {
  const { bits = 8, colour = 2, isInterlaced = false } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, colour, 0, 0, isInterlaced ? 1 : 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export function chunk(type: string, content: Buffer): Buffer {
  const whole = Buffer.alloc(12 + content.length);
  whole.writeUInt32BE(content.length, 0);
  whole.write(type, 4, 'latin1');
  content.copy(whole, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, 8 + content.length)), 8 + content.length);
  return whole;
}

/** A file that is as long as it says and takes no room on the disk. */
export async function putSparse(path: string, start: Uint8Array, bytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'w');
  await handle.write(start);
  await handle.truncate(bytes);
  await handle.close();
}

/** The gzipped files of an IDX dataset whose images are all black. */
export async function putPackedIdx(folder: string, count: number, side: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const header = Buffer.alloc(16);
  for (const [at, value] of [2051, count, side, side].entries()) header.writeUInt32BE(value, 4 * at);
  const images = createGzip();
  const file = images.pipe(createWriteStream(join(folder, 'train-images-idx3-ubyte.gz')));
  images.write(header);
  const black = Buffer.alloc(1 << 22);
  for (let left = count * side * side; left > 0; left -= black.length)
    if (!images.write(black.subarray(0, Math.min(left, black.length)))) await once(images, 'drain');
  images.end();
  await once(file, 'close');
  const labels = Buffer.alloc(8 + count);
  for (const [at, value] of [2049, count].entries()) labels.writeUInt32BE(value, 4 * at);
  for (let at = 0; at < count; at++) labels[8 + at] = at % 10;
  await writeFile(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(labels));
  return folder;
}

/** A drawing of a thousand bytes that takes for ever, however small it is drawn: ten to the fifth texts. */
export const ENDLESS_SVG = endlessDrawing();

function endlessDrawing(): string {
  const uses = (level: number) => `<g id="g${level + 1}">${`<use href="#g${level}"/>`.repeat(10)}</g>`;
  const texts = '<g id="g0"><text y="900" font-size="300">Words, and more words</text></g>';
  const defined = texts + [0, 1, 2, 3, 4].map(uses).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="4000"><defs>${defined}</defs><use href="#g5"/></svg>`;
}
