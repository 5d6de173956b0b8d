/**
 * Checkpoints: weights, what the optimizer keeps, and how far the run was, as one safetensors file with
 * PyTorch's names. Written so that a crash at any instant leaves the old file or the new one, whole, and with a
 * checksum in its header, so that what the disk did to it later is noticed before anything is learned from it.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import {
  type ByteSource,
  openSafetensors,
  readSafetensors,
  SafetensorsError,
  safetensorsParts,
  type TensorSource,
} from '../formats/safetensors.ts';
import type { StateTensor } from './stateTensor.ts';

/** How far a run is, and the sums that its epoch's averages are made of. */
export interface CheckpointProgress {
  /** Steps done. */
  step: number;
  /** Training time in seconds, pauses left out. */
  seconds: number;
  /** Of the epoch that is under way: */
  images: number;
  lossSum: number;
  correct: number;
  /** Of the epochs that are over: the loss on the validation images, or of training where there are none. */
  losses: number[];
  /** How good the best epoch was, by what the run is judged by; null before the first. */
  best: number | null;
  /** The step after that epoch. */
  bestStep: number;
  /** Epochs since then, or since it was given more epochs: patience. */
  sinceBest: number;
  /** How many epochs it was to have. */
  epochs: number;
  /** By how much the learning rate was changed by hand. */
  rateFactor: number;
}

export const begun: CheckpointProgress = {
  step: 0,
  seconds: 0,
  images: 0,
  lossSum: 0,
  correct: 0,
  losses: [],
  best: null,
  bestStep: 0,
  sinceBest: 0,
  epochs: 0,
  rateFactor: 1,
};

/** Tensors by their names in PyTorch; undefined where there is none of this name and shape. Each may last until the next one. */
export type TensorsByName = (name: string, shape: readonly number[]) => Float32Array | undefined;

export function writeCheckpoint(
  path: string,
  tensors: readonly TensorSource[],
  progress: CheckpointProgress,
): void {
  const metadata = { format: 'pt', crc32: UNSEALED, receptive: JSON.stringify(progress) };
  writeAtomically(path, safetensorsParts(tensors, metadata));
}

/**
 * Restores from a checkpoint, tensor by tensor: never more than one of them is in memory for it. All of the file is
 * read once before, for its checksum.
 * @param restore takes what it needs, while the file is open
 * @param lent room for a tensor, where somebody has it
 * @returns how far the run was, where that is written
 * @throws SafetensorsError where it is damaged
 */
export function readCheckpoint(
  path: string,
  restore: (tensors: TensorsByName) => void,
  lent: Uint8Array = new Uint8Array(),
): CheckpointProgress {
  const file = openFile(path);
  try {
    verify(file);
    const { tensors, metadata } = openSafetensors(readingAt(file, lent));
    restore((name, shape) => {
      const tensor = tensors.get(name)?.();
      return tensor?.shape.join() === shape.join() ? (tensor.values as Float32Array) : undefined;
    });
    return progressOf(metadata);
  } finally {
    closeSync(file);
  }
}

/** What each reading gives lasts until the next one: they share their memory. */
function readingAt(file: number, lent: Uint8Array): ByteSource {
  let memory = lent;
  return {
    length: fstatSync(file).size,
    read(begin, end) {
      const count = end - begin;
      if (count > memory.length) memory = new Uint8Array(count);
      for (let at = 0; at < count; ) {
        const read = readSync(file, memory, at, count - at, begin + at);
        if (read === 0) throw new SafetensorsError('The file ends before its tensors do.');
        at += read;
      }
      return memory.subarray(0, count);
    },
  };
}

/** What a checkpoint has to be, beside whole. */
export interface Expected {
  /** How far the run was. */
  readonly step: number;
  /** Of the network's weights, the name and the shape. */
  readonly weights: ReadonlyMap<string, readonly number[]>;
}

/**
 * What is wrong with a checkpoint, as the end of a sentence: `it is cut off`. Undefined: nothing, it can be used.
 *
 * @param expected what it is to be; without it, it need only be whole
 */
export function checkpointFault(path: string, expected?: Expected): string | undefined {
  let file: number | undefined;
  try {
    file = openFile(path);
    const isSealed = verify(file);
    const { tensors, metadata } = openSafetensors(readingAt(file, new Uint8Array()));
    const { step } = progressOf(metadata);
    if (!isSealed) for (const read of tensors.values()) read();
    if (expected === undefined) return undefined;
    if (isSealed && step !== expected.step) return `it is of step ${step}`;
    for (const [name, shape] of expected.weights)
      if (tensors.get(name)?.().shape.join() !== shape.join()) return `its ${name} is not this network's`;
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'its file is not there';
    if (error instanceof SafetensorsError) return lowerFirst(error.message).replace(/\.$/, '');
    if (code !== undefined) return `its file cannot be read (${code})`;
    throw error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const lowerFirst = (sentence: string) => sentence[0]!.toLowerCase() + sentence.slice(1);

/** What lies in it, with names and shapes. @throws SafetensorsError where it is damaged */
export function readTensors(path: string): StateTensor[] {
  const file = openFile(path);
  let bytes: Buffer;
  try {
    verify(file);
    bytes = readFileSync(file);
  } finally {
    closeSync(file);
  }
  const { tensors } = readSafetensors(bytes);
  return [...tensors].map(([name, { shape, values }]) => ({ name, shape, values: values as Float32Array }));
}

/** Opening a pipe would wait for ever for who writes to it; of a file this changes nothing. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function openFile(path: string): number {
  const file = openSync(path, READ_FLAGS);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new SafetensorsError('It is no regular file.');
}

const count = z.int().min(0);
/** One that an earlier version wrote lacks what it did not know. JSON has no NaN and makes it null. */
const progressSchema = z.object({
  step: count.default(begun.step),
  seconds: z.number().default(begun.seconds),
  images: count.default(begun.images),
  lossSum: z.number().nullable().default(begun.lossSum),
  correct: z.number().nullable().default(begun.correct),
  losses: z.array(z.number().nullable()).default(begun.losses),
  best: z.number().nullable().default(begun.best),
  bestStep: count.default(begun.bestStep),
  sinceBest: count.default(begun.sinceBest),
  epochs: count.default(begun.epochs),
  rateFactor: z.number().default(begun.rateFactor),
});

function progressOf({ receptive = '{}' }: Readonly<Record<string, string>>): CheckpointProgress {
  try {
    const { losses, lossSum, correct, ...rest } = progressSchema.parse(JSON.parse(receptive));
    const number = (value: number | null) => value ?? Number.NaN;
    return { ...rest, lossSum: number(lossSum), correct: number(correct), losses: losses.map(number) };
  } catch {
    throw new SafetensorsError('The file does not say how far the run was.');
  }
}

/** A file of this name holds the old bytes or the new ones, never a part; after it returns, the new ones. */
function writeAtomically(path: string, parts: Iterable<Uint8Array>): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  // What a dead process of this number left, or a link, which would be followed to wherever it leads.
  if (lstatSync(temporary, { throwIfNoEntry: false })) unlinkSync(temporary);
  const file = openSync(temporary, 'wx');
  try {
    let checksum = 0;
    let sealAt: number | undefined;
    for (const bytes of parts) {
      // The first part is the header.
      sealAt ??=
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(SEAL_KEY) + SEAL_KEY.length;
      checksum = crc32(bytes, checksum);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    }
    writeSync(file, sealOf(checksum), sealAt);
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(file);
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/**
 * The checksum of the whole file, as eight hexadecimal digits in the header's metadata, taken while these are zeros.
 */
const UNSEALED = '00000000';
const SEAL_KEY = '"crc32":"';
/** The metadata come first, and what stands before the checksum in them is always the same. */
const SEAL_WITHIN = 200;

const sealOf = (checksum: number) => checksum.toString(16).padStart(UNSEALED.length, '0');

/** Bytes that are read at once. */
const VERIFIED_AT_ONCE = 4 << 20;

/**
 * Reads the whole file and compares its checksum.
 *
 * @returns whether it has one: what an earlier version wrote has none
 * @throws SafetensorsError where they differ
 */
function verify(file: number): boolean {
  const chunk = Buffer.allocUnsafe(Math.min(VERIFIED_AT_ONCE, fstatSync(file).size));
  let checksum = 0;
  let seal: string | undefined;
  for (let at = 0; ; ) {
    const read = readSync(file, chunk, 0, chunk.length, at);
    if (read === 0) break;
    if (at === 0) {
      const key = chunk.subarray(0, SEAL_WITHIN).indexOf(SEAL_KEY);
      if (key < 0) return false;
      const sealAt = key + SEAL_KEY.length;
      seal = chunk.toString('latin1', sealAt, sealAt + UNSEALED.length);
      chunk.write(UNSEALED, sealAt, 'latin1');
    }
    checksum = crc32(chunk.subarray(0, read), checksum);
    at += read;
  }
  if (seal !== sealOf(checksum)) throw new SafetensorsError('Its checksum is not that of what it holds.');
  return true;
}

function syncFolder(path: string): void {
  // Windows has no handle of a folder to sync; its rename is journalled.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** SHA-256 over all weights, sorted by name, in PyTorch's order: equal networks have equal hashes. */
export function hashWeights(weights: readonly TensorSource[]): string {
  const hash = createHash('sha256');
  for (const { name, read } of [...weights].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const values = read();
    hash.update(name).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
