/**
 * Checkpoints: weights, optimizer state and progress of a run, as one safetensors file with PyTorch's names. Written
 * atomically, so that after a crash there is the old file or the new one, complete; a checksum in the header detects
 * later damage.
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

/** The progress of a run, with the sums from which the averages of the current epoch are computed. */
export interface CheckpointProgress {
  /** Number of steps done. */
  step: number;
  /** Training time in seconds, without pauses. */
  seconds: number;
  /** Images of the current epoch so far. */
  images: number;
  lossSum: number;
  correct: number;
  /** The loss of each finished epoch: of validation, or of training where there is no validation split. */
  losses: number[];
  /** The best epoch's value of the figure that the run selects by; null before the first. */
  best: number | null;
  /** The step after that epoch. */
  bestStep: number;
  /** Epochs since the best one, or since the run was extended, for early stopping. */
  sinceBest: number;
  /** The number of epochs that the run is set to. */
  epochs: number;
  /** The factor by which the learning rate was changed by hand. */
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

/**
 * Looks a tensor up by its PyTorch name; undefined where none has this name and shape. The array may be valid only
 * until the next call.
 */
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
 * Restores from a checkpoint one tensor at a time, so that never more than one is in memory. The whole file is read
 * once before, for its checksum.
 * @param restore called with the lookup while the file is open
 * @param lent a buffer to read tensors into, if the caller has one
 * @returns the progress; undefined where none is stored
 * @throws SafetensorsError where the file is damaged
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

/** Reads share one buffer: a result is valid until the next read. */
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

/** What a checkpoint should contain, for checkpointFault. */
export interface Expected {
  /** The step that it was written at. */
  readonly step: number;
  /** Names and shapes of the network's weights. */
  readonly weights: ReadonlyMap<string, readonly number[]>;
}

/**
 * What is wrong with a checkpoint, as the end of a sentence: `it is cut off`. Undefined where it is usable.
 *
 * @param expected what it should contain; without it, only the file's integrity is checked
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

/** All its tensors, with names and shapes. @throws SafetensorsError where the file is damaged */
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

/** Without O_NONBLOCK, opening a named pipe would block until someone writes to it. No effect on regular files. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function openFile(path: string): number {
  const file = openSync(path, READ_FLAGS);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new SafetensorsError('It is no regular file.');
}

const count = z.int().min(0);
/** Checkpoints of earlier versions lack later fields. JSON stores NaN as null. */
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

/**
 * Writes a file through a temporary one and rename: a reader sees the old bytes or the new ones, never a part. After it
 * returns, the new ones are on the disk.
 */
function writeAtomically(path: string, parts: Iterable<Uint8Array>): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  // A temporary file may be left by a crashed process with this id; a symbolic link would be followed.
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
 * In place of the checksum while it is computed: eight hexadecimal digits in the header's metadata, the CRC-32 of the
 * whole file with these zeros.
 */
const UNSEALED = '00000000';
const SEAL_KEY = '"crc32":"';
/**
 * The checksum is within this many bytes of the file's start: metadata come first in the header, and only fixed text
 * precedes it.
 */
const SEAL_WITHIN = 200;

const sealOf = (checksum: number) => checksum.toString(16).padStart(UNSEALED.length, '0');

/** Bytes per read. */
const VERIFIED_AT_ONCE = 4 << 20;

/**
 * Reads the whole file and compares its checksum.
 *
 * @returns whether it has one; files of earlier versions have none
 * @throws SafetensorsError where it differs
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
  // Windows cannot fsync a folder; its renames are journalled.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** SHA-256 over all weights, sorted by name, in PyTorch's order: equal weights have equal hashes. */
export function hashWeights(weights: readonly TensorSource[]): string {
  const hash = createHash('sha256');
  for (const { name, read } of [...weights].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const values = read();
    hash.update(name).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
