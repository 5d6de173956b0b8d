/**
 * Features on disk: of each image what flows out of the layers that do not learn, float32, one entry after the other by
 * the image's position in the dataset. Behind each entry stands its checksum, which begins with the image's own: what is
 * missing, was written in part, is damaged or of another image does not fit and counts as not there, so that it is
 * computed anew. The file's name is what features depend on, so that those of another network lie in another file.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  readSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { fieldsOf, isTensor, operandOf, tensorsOf } from '../compile/program.ts';
import type { Tensor } from '../layers/lowering.ts';
import { sizeOf } from '../layers/shape.ts';
import { kernelBytes } from './backend.ts';
import { hashWeights } from './checkpoint.ts';
import type { Session } from './session.ts';
import { type FeatureFolder, type NotKept, refusalOf } from './trainerMessages.ts';
import { DIGEST_BYTES, type TrainingData } from './trainingData.ts';

const FLOAT_BYTES = 4;
const SUM_BYTES = 4;
/** Of the free space of a disk, the share that features may take: checkpoints need some, too. */
const FREE_DISK_SHARE = 0.5;

export class FeatureFile {
  readonly path: string;
  /** Bytes that it takes with all images of the splits in it. */
  readonly bytes: number;
  /** Why nothing is kept any more; null while it is. */
  refused: NotKept | null = null;
  /** Images whose features were read, and that were computed, since it was opened. */
  readonly counts = { read: 0, computed: 0 };
  /** Milliseconds that reading and writing took. */
  milliseconds = 0;
  readonly #data: TrainingData;
  /** Numbers of an entry. */
  readonly #count: number;
  readonly #stride: number;
  readonly #file: number | undefined;
  /** By position, whether its entry was found whole, or written. */
  readonly #isThere: Uint8Array;
  /** Room for an entry. */
  readonly #entry: Buffer<ArrayBuffer>;

  /** Opens what is there, or begins a file. Never throws: `refused` says what the system said. */
  constructor(folder: FeatureFolder, session: Session, data: TrainingData) {
    const { shape } = session.model.features!;
    this.#data = data;
    this.#count = sizeOf(shape);
    this.#stride = this.#count * FLOAT_BYTES + SUM_BYTES;
    this.#entry = Buffer.from(new ArrayBuffer(this.#stride));
    this.#isThere = new Uint8Array(data.labels.length);
    const { train, val, test } = data.splits;
    this.bytes = (train.length + val.length + test.length) * this.#stride;
    this.path = join(folder.path, `features-${keyOf(session, data)}.bin`);
    try {
      mkdirSync(folder.path, { recursive: true });
      this.#file = openSync(this.path, READ_WRITE, 0o644);
      const { size, blocks = 0 } = fstatSync(this.#file);
      const missing = this.bytes - Math.min(size, blocks * 512);
      if (this.bytes > folder.most || missing > FREE_DISK_SHARE * freeBytes(folder.path))
        this.#refuse('room');
      // The one that was used last goes last.
      else futimesSync(this.#file, new Date(), new Date());
    } catch (error) {
      this.#refuse(refusalOf(error) ?? { code: String(error) });
    }
  }

  /** Whether the entries of these images were found whole, or written. */
  has(positions: Int32Array): boolean {
    return !this.refused && positions.every(position => this.#isThere[position] === 1);
  }

  /** @returns whether those of all these images are in their places now, one after the other */
  read(positions: Int32Array, to: Float32Array): boolean {
    if (this.refused) return false;
    const started = performance.now();
    const [entry, stride] = [this.#entry, this.#stride];
    const isWhole = positions.every((position, i) => {
      this.#isThere[position] = 0;
      let read = 0;
      try {
        read = readSync(this.#file!, entry, 0, stride, position * stride);
      } catch {
        // What cannot be read is computed.
      }
      if (read !== stride || entry.readUInt32LE(stride - SUM_BYTES) !== this.#sum(position)) return false;
      to.set(new Float32Array(entry.buffer, 0, this.#count), i * this.#count);
      this.#isThere[position] = 1;
      return true;
    });
    if (isWhole) this.counts.read += positions.length;
    this.milliseconds += performance.now() - started;
    return isWhole;
  }

  /** Keeps features that were computed, one after the other. Where the disk refuses, all are given up. */
  write(positions: Int32Array, from: Float32Array): void {
    this.counts.computed += positions.length;
    if (this.refused) return;
    const started = performance.now();
    const [entry, stride, count] = [this.#entry, this.#stride, this.#count];
    try {
      for (const [i, position] of positions.entries()) {
        new Float32Array(entry.buffer, 0, count).set(from.subarray(i * count, (i + 1) * count));
        entry.writeUInt32LE(this.#sum(position), stride - SUM_BYTES);
        for (let at = 0; at < stride; )
          at += writeSync(this.#file!, entry, at, stride - at, position * stride + at);
        this.#isThere[position] = 1;
      }
    } catch (error) {
      this.#refuse(refusalOf(error) ?? { code: String(error) });
    }
    this.milliseconds += performance.now() - started;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  /** Gives back the room that it takes: checkpoints need it more. */
  #refuse(why: NotKept): void {
    this.refused = why;
    if (this.#file === undefined) return;
    try {
      ftruncateSync(this.#file);
    } catch {
      // Of a file that cannot be written, entries stay whole or do not count.
    }
  }

  /** Of the entry at hand, without its checksum. */
  #sum(position: number): number {
    const { imageDigests = new Uint8Array(), fingerprint } = this.#data;
    const digest = imageDigests.subarray(position * DIGEST_BYTES, (position + 1) * DIGEST_BYTES);
    const image = digest.some(byte => byte !== 0) ? crc32(digest) : crc32(`${fingerprint} ${position}`);
    return crc32(this.#entry.subarray(0, this.#count * FLOAT_BYTES), image);
  }
}

/** A link would lead elsewhere, and opening a pipe would wait for ever for who writes to it. */
const READ_WRITE =
  constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Of all that features depend on but the images: the kernels, the program, its weights, how images are normalised. */
function keyOf(session: Session, { imageShape }: TrainingData): string {
  const { backend } = session;
  const { instructions, parameters } = session.model;
  const program = instructions.features.filter(({ name }) => name !== 'countActive');
  const used = new Set(program.flatMap(tensorsOf).map(({ tensor }) => tensor));
  const weights = parameters.filter(({ tensor }) => used.has(tensor)).map(({ name }) => name);
  const names = new Map(parameters.map(({ tensor, name }) => [tensor, name]));
  const called = (tensor: Tensor) => {
    const name = names.get(tensor) ?? names.size;
    names.set(tensor, String(name));
    return name;
  };
  const operations = program.map(instruction => [
    instruction.name,
    ...fieldsOf(instruction).map(({ field }) => {
      const operand = operandOf(instruction, field);
      return isTensor(operand) ? called(operand) : String(operand);
    }),
  ]);
  const sources = session.weightSources().filter(({ name }) => weights.includes(name));
  return createHash('sha256')
    .update(kernelBytes(backend))
    .update(JSON.stringify([backend.title, imageShape, session.normalization(), operations]))
    .update(hashWeights(sources))
    .digest('hex')
    .slice(0, 32);
}
