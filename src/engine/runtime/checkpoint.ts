/**
 * Checkpoints: weights, what the optimizer keeps, and how far the run was, as one safetensors file with
 * PyTorch's names. Written so that a crash at any instant leaves the old file or the new one, whole.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type ByteSource,
  openSafetensors,
  readSafetensors,
  SafetensorsError,
  safetensorsParts,
  type TensorSource,
} from '../formats/safetensors.ts';
import type { StateTensor } from './session.ts';

/** How far a run is, and the sums that its epoch's averages are made of. */
export interface Progress {
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

export const begun: Progress = {
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

/** Tensors by their names in PyTorch; undefined where there is none of this name. Each may last until the next one. */
export type TensorsByName = (name: string) => Float32Array | undefined;

export function writeCheckpoint(path: string, tensors: readonly TensorSource[], progress: Progress): void {
  const metadata = { format: 'pt', receptive: JSON.stringify(progress) };
  writeAtomically(path, safetensorsParts(tensors, metadata));
}

/**
 * Restores from a checkpoint, tensor by tensor: never more than one of them is in memory for it.
 * @param restore takes what it needs, while the file is open
 * @param lent room for a tensor, where somebody has it
 * @returns how far the run was, where that is written
 * @throws SafetensorsError where it is damaged
 */
export function readCheckpoint(
  path: string,
  restore: (tensors: TensorsByName) => void,
  lent: Uint8Array = new Uint8Array(),
): Progress {
  const file = openSync(path, 'r');
  try {
    const { tensors, metadata } = openSafetensors(readingAt(file, lent));
    restore(name => tensors.get(name)?.().values as Float32Array | undefined);
    // One that an earlier version wrote lacks what it did not know.
    return progressOf(JSON.parse(metadata.receptive ?? '{}') as Partial<Progress>);
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

/** What lies in it, with names and shapes. @throws SafetensorsError where it is damaged */
export function readTensors(path: string): StateTensor[] {
  const { tensors } = readSafetensors(readFileSync(path));
  return [...tensors].map(([name, { shape, values }]) => ({ name, shape, values: values as Float32Array }));
}

function progressOf(written: Partial<Progress>): Progress {
  const progress = { ...begun, ...written };
  // JSON has no NaN and makes it null.
  return { ...progress, losses: progress.losses.map(loss => loss ?? Number.NaN) };
}

/** A file of this name holds the old bytes or the new ones, never a part; after it returns, the new ones. */
function writeAtomically(path: string, parts: Iterable<Uint8Array>): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const file = openSync(temporary, 'w');
  try {
    for (const bytes of parts) for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw error;
  }
  closeSync(file);
  renameSync(temporary, path);
  syncFolder(dirname(path));
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
