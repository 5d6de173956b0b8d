/**
 * IDX, the format of MNIST and its family: a file of images and one of labels, plain or gzipped
 * (`train-images-idx3-ubyte.gz`). Files named train-… train, t10k-… or test-… test. Classes are the digits that
 * the labels are: the files know no names.
 *
 * Format: http://yann.lecun.com/exdb/mnist/ (big-endian numbers; 2051 opens images, 2049 opens labels).
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Split } from '../../../../bridge/datasetCalls.ts';
import { streamOfRegularFile } from '../../../regularFile.ts';
import { UserError } from '../../../userError.ts';
import { inMegabytes } from '../decode/imageRefusal.ts';
import { reasonOf } from '../import/readableRoots.ts';
import {
  LEAST_IMAGE_BYTES,
  MOST_IDX_SIDE,
  MOST_IMAGES,
  MOST_RATIO,
  MOST_TINY_IMAGES,
  UNPACKED_FREE,
} from '../limits.ts';
import {
  type FormatEntry,
  type FormatOptions,
  type FormatReader,
  type Known,
  type Result,
  requireImageCount,
  type Source,
} from './datasetFormat.ts';
import { type Admits, filesIn } from './walkFolder.ts';

const IMAGES_MAGIC = 2051;
const LABELS_MAGIC = 2049;
const IMAGES_HEADER = 16;
const LABELS_HEADER = 8;

const IMAGES_NAME = /^(.*)images[-.]idx3-ubyte(\.gz)?$/;

export const idx: FormatReader = {
  name: 'idx',
  async recognise(folder, admits) {
    const pairs = await findPairs(folder, admits);
    return pairs.length > 0 ? `it holds ${pairs[0]!.images}` : undefined;
  },
  open: openIdx,
};

/** Names of an images file and its labels file. */
interface Pair {
  images: string;
  labels: string | undefined;
  split: Split | null;
}

/** A pair with consistent headers. */
interface IdxFilePair {
  file: string;
  /** Without `.gz`, so that packing a file does not change its images' paths. */
  name: string;
  count: number;
  height: number;
  width: number;
  labels: Buffer;
  split: Split | null;
  stamp: string;
}

async function openIdx(folder: string, { admits }: FormatOptions): Promise<Source> {
  const pairs = await findPairs(folder, admits);
  const doubled = pairs.find((pair, index) => pairs.findIndex(({ split }) => split === pair.split) !== index);
  if (doubled) {
    const names = pairs.map(({ images }) => images).join(', ');
    throw new UserError(`${folder} holds several IDX datasets (${names}): give each a folder of its own.`);
  }
  if (pairs.length === 0) throw new UserError(`${folder} holds no files of images in the IDX format.`);
  const parts: IdxFilePair[] = [];
  for (const pair of pairs) parts.push(await readPart(folder, pair));
  const [{ height, width, file }] = parts as [IdxFilePair];
  const other = parts.find(part => part.height !== height || part.width !== width);
  if (other) {
    throw new UserError(
      `The images in ${other.file} are ${other.height}×${other.width}, those in ${file} are ${height}×${width}.`,
    );
  }
  requireImageCount(
    folder,
    parts.map(({ count }) => count),
  );
  const trains = parts.some(({ split }) => split === 'train');
  const entries = parts.flatMap(({ name, labels, split }) =>
    Array.from(
      labels,
      (label, index): FormatEntry => ({
        path: `${name}#${index}`,
        label,
        split: trains ? split : null,
      }),
    ),
  );
  if (entries.length === 0) throw new UserError(`${file} holds no images.`);
  const highest = entries.reduce((most, { label }) => Math.max(most, label), 0);
  return {
    classes: Array.from({ length: highest + 1 }, (_, label) => String(label)),
    imageShape: [1, height, width],
    preparation: `grey, ${height}×${width}, as they are`,
    entries,
    rejects: [],
    pictures: (signal, known) => picturesOf(parts, signal, known),
  };
}

async function findPairs(folder: string, admits: Admits): Promise<Pair[]> {
  const names = await filesIn(folder, admits);
  return names.flatMap(images => {
    const match = IMAGES_NAME.exec(images);
    // If a file exists both plain and gzipped, the plain one is read.
    if (!match || (match[2] && names.includes(images.slice(0, -3)))) return [];
    const prefix = match[1]!;
    const labels = ['-', '.']
      .flatMap(dot => [`${prefix}labels${dot}idx1-ubyte`, `${prefix}labels${dot}idx1-ubyte.gz`])
      .find(name => names.includes(name));
    return [{ images, labels, split: splitOf(prefix) }];
  });
}

function splitOf(prefix: string): Split | null {
  if (/train/i.test(prefix)) return 'train';
  return /t10k|test/i.test(prefix) ? 'test' : null;
}

async function readPart(folder: string, pair: Pair): Promise<IdxFilePair> {
  const file = join(folder, pair.images);
  if (!pair.labels) throw new UserError(`The labels that belong to ${file} are missing.`);
  const header = await readStart(file, IMAGES_HEADER);
  checkMagic(file, header, IMAGES_MAGIC, IMAGES_HEADER, 'images');
  const count = header.readUInt32BE(4);
  const height = header.readUInt32BE(8);
  const width = header.readUInt32BE(12);
  if (Math.min(height, width) < 1 || Math.max(height, width) > MOST_IDX_SIDE || count > MOST_IMAGES) {
    throw new UserError(
      `The header of ${file} makes no sense: ${count} images of ${height}×${width}. There may be ${MOST_IMAGES}, of up to ${MOST_IDX_SIDE}×${MOST_IDX_SIDE}.`,
    );
  }
  const { size, mtimeMs } = await stat(file);
  if (count > MOST_TINY_IMAGES && size < LEAST_IMAGE_BYTES * count) {
    throw new UserError(
      `${file} says it holds ${count} images in ${size} bytes: of more than ${MOST_TINY_IMAGES}, each takes at least ${LEAST_IMAGE_BYTES} bytes.`,
    );
  }
  const unpacked = count * height * width;
  if (!file.endsWith('.gz')) checkLength(file, size - IMAGES_HEADER, unpacked);
  else if (unpacked > Math.max(UNPACKED_FREE, MOST_RATIO * size)) {
    throw new UserError(
      `${file} would be ${inMegabytes(unpacked)} when it is unpacked, more than ${MOST_RATIO} times its size: unpack it yourself if that is meant.`,
    );
  }
  const labels = await readLabels(join(folder, pair.labels), count, file);
  const name = pair.images.replace(/\.gz$/, '');
  return { file, name, count, height, width, labels, split: pair.split, stamp: `${size}-${mtimeMs}` };
}

async function readLabels(file: string, count: number, images: string): Promise<Buffer> {
  // One byte more than expected reveals a file that is too long, without reading all of it.
  const content = await readStart(file, LABELS_HEADER + count + 1);
  checkMagic(file, content, LABELS_MAGIC, LABELS_HEADER, 'labels');
  const labels = content.readUInt32BE(4);
  if (labels !== count)
    throw new UserError(`${file} has ${labels} labels for the ${count} images in ${images}.`);
  checkLength(file, content.length - LABELS_HEADER, count);
  return content.subarray(LABELS_HEADER);
}

function checkMagic(file: string, content: Buffer, magic: number, header: number, what: string): void {
  if (content.length < header) throw new UserError(`${file} is too short for an IDX file of ${what}.`);
  const found = content.readUInt32BE(0);
  if (found !== magic) {
    throw new UserError(`${file} is no IDX file of ${what}: it starts with ${found}, not with ${magic}.`);
  }
}

function checkLength(file: string, bytes: number, wanted: number): void {
  if (bytes === wanted) return;
  const fault = bytes < wanted ? 'is cut off' : 'is longer than its header says';
  throw new UserError(`${file} ${fault}: it should hold ${wanted} bytes after its header.`);
}

/** The first bytes of a file's content, or fewer if it is shorter. */
async function readStart(file: string, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content(file)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}

/** Bytes that are unpacked at once. */
const UNPACKED_CHUNK_BYTES = 1 << 16;

/** A file's content, unpacked where it is gzipped. */
async function* content(file: string): AsyncGenerator<Buffer> {
  try {
    const packed: Readable = await streamOfRegularFile(file);
    const gunzip = { chunkSize: UNPACKED_CHUNK_BYTES };
    const stream = file.endsWith('.gz') ? pipeline(packed, createGunzip(gunzip), () => undefined) : packed;
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw new UserError(`${file} is cut off.`);
    if (code?.startsWith('Z_')) throw new UserError(`${file} is damaged, or not gzipped.`);
    throw new UserError(`The file ${file} ${reasonOf(error)}.`);
  }
}

async function* picturesOf(
  parts: readonly IdxFilePair[],
  signal: AbortSignal,
  known: Known = () => undefined,
): AsyncGenerator<Result[]> {
  let entry = 0;
  for (const { file, count, height, width, stamp } of parts) {
    const size = height * width;
    let parts: Buffer[] = [];
    let length = 0;
    let skip = IMAGES_HEADER;
    let done = 0;
    for await (const chunk of content(file)) {
      signal.throwIfAborted();
      parts.push(chunk);
      length += chunk.length;
      // Concatenated once per image, however many chunks it spans.
      if (length < skip + (done < count ? size : 1)) continue;
      const whole = parts.length === 1 ? chunk : Buffer.concat(parts);
      let at = skip;
      const results: Result[] = [];
      for (; at + size <= whole.length && done < count; at += size, done++) {
        const isKnown = known(entry++) === stamp;
        results.push(isKnown ? { unchanged: true } : { pixels: whole.subarray(at, at + size), stamp });
      }
      yield results;
      parts = [whole.subarray(at)];
      length = whole.length - at;
      skip = 0;
      if (done === count && length > 0) break;
    }
    checkLength(file, done * size + length - skip, count * size);
  }
}
