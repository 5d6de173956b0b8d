/**
 * CIFAR-10 and CIFAR-100 in their binary form: of each image one byte of label (CIFAR-100: a coarse one, then the
 * fine one, which counts), then 32 × 32 bytes of red, of green, of blue. Files of training and of test; names of
 * classes where they lie beside them.
 *
 * Format: https://www.cs.toronto.edu/~kriz/cifar.html.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split } from '../../../../bridge/datasetCalls.ts';
import { streamOfRegularFile } from '../../../regularFile.ts';
import { UserError } from '../../../userError.ts';
import { reasonOf } from '../import/readableRoots.ts';
import { MOST_NAME, MOST_NAMES_BYTES } from '../limits.ts';
import { quoted } from '../quote.ts';
import {
  type FormatEntry,
  type FormatReader,
  type Known,
  type Result,
  requireImageCount,
  type Source,
} from './datasetFormat.ts';
import { readRegularFile } from './readSmallFile.ts';
import { type Admits, filesIn } from './walkFolder.ts';

const IMAGE_SIDE = 32;
const IMAGE_PIXELS = IMAGE_SIDE * IMAGE_SIDE;

interface Variant {
  /** Bytes before the pixels; the last one is the label. */
  labelBytes: number;
  files: readonly { name: RegExp; split: Split }[];
  names: string;
  classes: number;
}

const TEN: Variant = {
  labelBytes: 1,
  files: [
    { name: /^data_batch_\d+\.bin$/, split: 'train' },
    { name: /^test_batch\.bin$/, split: 'test' },
  ],
  names: 'batches.meta.txt',
  classes: 10,
};

const HUNDRED: Variant = {
  labelBytes: 2,
  files: [
    { name: /^train\.bin$/, split: 'train' },
    { name: /^test\.bin$/, split: 'test' },
  ],
  names: 'fine_label_names.txt',
  classes: 100,
};

interface CifarFile {
  name: string;
  file: string;
  split: Split;
  count: number;
  stamp: string;
}

export const cifar: FormatReader = {
  name: 'cifar',
  async recognise(folder, admits) {
    const found = await findFiles(folder, admits).catch(() => undefined);
    return found && `it holds ${found.files[0]!.name}, as CIFAR-${found.variant.classes} does`;
  },
  async open(folder, { admits }) {
    const found = await findFiles(folder, admits);
    if (!found) throw new UserError(`${folder} holds no data_batch_1.bin, and no train.bin, of CIFAR.`);
    const { variant, files } = found;
    const parts: CifarFile[] = [];
    for (const { name, split } of files) parts.push(await openPart(folder, name, split, variant));
    requireImageCount(
      folder,
      parts.map(({ count }) => count),
    );
    const entries: FormatEntry[] = [];
    for (const part of parts) entries.push(...(await entriesOf(part, variant)));
    return {
      classes: await classNames(folder, variant, admits),
      imageShape: [3, IMAGE_SIDE, IMAGE_SIDE],
      preparation: `RGB, ${IMAGE_SIDE}×${IMAGE_SIDE}, as they are`,
      entries,
      rejects: [],
      pictures: (signal, known) => picturesOf(parts, variant, signal, known),
    } satisfies Source;
  },
};

async function findFiles(folder: string, admits: Admits) {
  const names = await filesIn(folder, admits);
  for (const variant of [TEN, HUNDRED]) {
    const files = variant.files.flatMap(({ name: pattern, split }) =>
      names.filter(name => pattern.test(name)).map(name => ({ name, split })),
    );
    if (files.some(({ split }) => split === 'train')) return { variant, files };
  }
  return undefined;
}

async function openPart(
  folder: string,
  name: string,
  split: Split,
  { labelBytes }: Variant,
): Promise<CifarFile> {
  const file = join(folder, name);
  const { size, mtimeMs } = await stat(file);
  const record = labelBytes + 3 * IMAGE_PIXELS;
  if (size === 0 || size % record !== 0) {
    throw new UserError(
      `${file} is cut off: it holds ${size} bytes, no whole number of images of ${record} bytes.`,
    );
  }
  return { name, file, split, count: size / record, stamp: `${size}-${mtimeMs}` };
}

async function entriesOf(part: CifarFile, { labelBytes, classes }: Variant): Promise<FormatEntry[]> {
  const entries: FormatEntry[] = [];
  for await (const whole of records(part, labelBytes)) {
    for (const record of whole) {
      const label = record[labelBytes - 1]!;
      if (label >= classes) {
        throw new UserError(
          `Image ${entries.length} of ${part.file} has the label ${label}; there are ${classes} classes.`,
        );
      }
      entries.push({ path: `${part.name}#${entries.length}`, label, split: part.split });
    }
  }
  return entries;
}

async function classNames(folder: string, { names, classes }: Variant, admits: Admits): Promise<string[]> {
  const text = await readRegularFile(join(folder, names), MOST_NAMES_BYTES, admits).catch(() => '');
  const found = String(text)
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .map(line => quoted(line, MOST_NAME));
  return found.length === classes ? found : Array.from({ length: classes }, (_, label) => String(label));
}

async function* records({ file, count }: CifarFile, labelBytes: number): AsyncGenerator<Buffer[]> {
  const size = labelBytes + 3 * IMAGE_PIXELS;
  let rest: Buffer = Buffer.alloc(0);
  let done = 0;
  try {
    for await (const chunk of await streamOfRegularFile(file)) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      const whole: Buffer[] = [];
      for (; at + size <= rest.length; at += size, done++) whole.push(rest.subarray(at, at + size));
      yield whole;
      rest = rest.subarray(at);
    }
  } catch (error) {
    throw new UserError(`The file ${file} ${reasonOf(error)}.`);
  }
  if (done !== count) throw new UserError(`${file} changed while it was read.`);
}

async function* picturesOf(
  parts: readonly CifarFile[],
  { labelBytes }: Variant,
  signal: AbortSignal,
  known: Known = () => undefined,
): AsyncGenerator<Result[]> {
  let entry = 0;
  for (const part of parts) {
    for await (const whole of records(part, labelBytes)) {
      signal.throwIfAborted();
      yield whole.map(record =>
        known(entry++) === part.stamp
          ? { unchanged: true }
          : { pixels: interleaved(record, labelBytes), stamp: part.stamp },
      );
    }
  }
}

/** A record holds one channel after the other. */
function interleaved(record: Buffer, from: number): Uint8Array {
  const pixels = new Uint8Array(3 * IMAGE_PIXELS);
  for (let at = 0; at < IMAGE_PIXELS; at++) {
    for (let channel = 0; channel < 3; channel++)
      pixels[at * 3 + channel] = record[from + channel * IMAGE_PIXELS + at]!;
  }
  return pixels;
}
