/**
 * Threads that decode plain files, one per processor; others are passed on to pictureProcesses.ts. Results are in the
 * order of the requests, and at most a few batches are in progress, which bounds memory.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { entryFile } from '../../../entries.ts';
import type { Result } from '../formats/datasetFormat.ts';
import { inOrder } from '../import/inOrder.ts';
import type { Box } from './imageGeometry.ts';
import type { MaskValues } from './maskCode.ts';
import type { PictureRequest, PictureResult } from './pictureMessages.ts';
import { pictureProcesses } from './pictureProcesses.ts';
import type { DecodeJob, DecodeSpec } from './plainPicture.ts';

export type BatchRequest = { id: number; jobs: DecodeJob[] } | { id: number; scans: string[] };

/** Bytes of a hash. */
export const HASH = 32;

/** Flags of a decoded image. */
export const HAS_MASK = 1;
export const HAS_LOOK = 2;

/** The results of a batch as concatenated arrays, with an entry for each file, whether or not it was decoded. */
export interface Batch {
  /** Results of files that were not decoded, by index. */
  others: Map<number, Result>;
  /** Indices of files that a process has to decode. */
  notPlain: number[];
  boxes: Map<number, Box>;
  stamps: string[];
  pixels: Uint8Array<ArrayBuffer>;
  masks: Uint8Array<ArrayBuffer>;
  /** Width and height of each file. */
  sizes: Int32Array<ArrayBuffer>;
  has: Uint8Array<ArrayBuffer>;
  /** For each file the hash of its pixels, then that of its mask. */
  hashes: Uint8Array<ArrayBuffer>;
  moments: Float64Array<ArrayBuffer>;
  looks: Uint8Array<ArrayBuffer>;
}

export interface BatchAnswer {
  id: number;
  batch?: Batch;
  /** The time that decoding took. */
  milliseconds?: number;
  /** The values of each mask; null where it is not plain. */
  scanned?: (MaskValues | null)[];
}

/** The target time per message: long enough to make messaging negligible, short enough for cancelling. */
const MILLISECONDS = 40;
/** The most files per message; the first ones have one, as the time per file is unknown. */
const MOST_FILES = 1024;
/** The most growth from one message to the next. */
const BATCH_GROWTH = 4;
/** Bytes of pixels in one message. */
const MOST_MESSAGE_BYTES = 2 << 20;

interface Waiting {
  resolve(answer: BatchAnswer): void;
  reject(error: Error): void;
}

export class Decoders {
  readonly #spec: DecodeSpec;
  readonly #most: number;
  readonly #threads: Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #batch = 1;

  /** Call `close` when all is decoded. */
  constructor(spec: DecodeSpec) {
    const [channels, height, width] = spec.shape;
    this.#spec = spec;
    this.#most = Math.max(
      1,
      Math.min(MOST_FILES, Math.floor(MOST_MESSAGE_BYTES / (channels * height * width))),
    );
    this.#threads = Array.from({ length: availableParallelism() }, () => {
      const thread = new Worker(entryFile('decoder'), { workerData: spec });
      thread.on('message', (answer: BatchAnswer) => {
        this.#waiting.get(answer.id)?.resolve(answer);
        this.#waiting.delete(answer.id);
      });
      thread.on('error', error => this.#fail(error as Error));
      return thread;
    });
  }

  async *decode(jobs: Iterable<DecodeJob>, signal: AbortSignal): AsyncGenerator<Result[]> {
    const answers = inOrder(this.#inBatches(jobs), 2 * this.#threads.length, signal, async jobs => {
      const { batch, milliseconds } = await this.#ask({ jobs });
      const beside = await Promise.all(
        batch!.notPlain.map(at => this.#decodeInProcess(batch!, at, jobs[at]!, signal)),
      );
      const whole = beside.reduce((sum, each) => sum + each, milliseconds!);
      const wanted = (jobs.length * MILLISECONDS) / Math.max(1, whole);
      this.#batch = Math.max(1, Math.min(this.#most, BATCH_GROWTH * jobs.length, Math.round(wanted)));
      return batch!;
    });
    for await (const batch of answers) yield unpacked(batch);
  }

  async *scan(masks: Iterable<string>, signal: AbortSignal): AsyncGenerator<MaskValues | null> {
    const answers = inOrder(masks, 4 * this.#threads.length, signal, async scan => {
      const { scanned } = await this.#ask({ scans: [scan] });
      return scanned![0] ?? (await decodeInProcess({ scan }, signal)).values ?? null;
    });
    for await (const values of answers) yield values;
  }

  /** Returns the milliseconds that it took. */
  async #decodeInProcess(batch: Batch, at: number, job: DecodeJob, signal: AbortSignal): Promise<number> {
    const answer = await pictureProcesses.ask({ job, spec: this.#spec }, signal);
    batch.others.set(at, 'reason' in answer ? answer : answer.result.decoded!);
    return 'reason' in answer ? MILLISECONDS : answer.milliseconds;
  }

  /**
   * Ends the threads. A thread ends only after the file that it is reading; a cancelled caller does not wait for that.
   */
  async close({ aborted }: AbortSignal): Promise<void> {
    const ended = Promise.all(this.#threads.map(thread => thread.terminate()));
    this.#fail(new Error('The decoders were closed.'));
    if (!aborted) await ended;
  }

  *#inBatches(jobs: Iterable<DecodeJob>): Generator<DecodeJob[]> {
    let batch: DecodeJob[] = [];
    for (const job of jobs) {
      batch.push(job);
      if (batch.length < this.#batch) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  #ask(request: { jobs: DecodeJob[] } | { scans: string[] }): Promise<BatchAnswer> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#threads[id % this.#threads.length]!.postMessage({ id, ...request });
    });
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Undefined where the process was ended. */
export async function decodeInProcess(request: PictureRequest, signal?: AbortSignal): Promise<PictureResult> {
  const answer = await pictureProcesses.ask(request, signal);
  return 'reason' in answer ? {} : answer.result;
}

function unpacked(batch: Batch): Result[] {
  const { pixels, masks, sizes, has, hashes, moments, looks, others, boxes, stamps } = batch;
  const count = stamps.length;
  const part = (all: Uint8Array<ArrayBuffer>, at: number, of = count): Buffer =>
    Buffer.from(all.buffer, (at * all.length) / of, all.length / of);
  const measured = moments.length / count;
  return stamps.map((stamp, at): Result => {
    const other = others.get(at);
    if (other) return other;
    const box = boxes.get(at);
    const hasMask = (has[at]! & HAS_MASK) !== 0;
    return {
      ...{ pixels: part(pixels, at), width: sizes[2 * at]!, height: sizes[2 * at + 1]!, stamp },
      ...(hasMask && { mask: part(masks, at) }),
      ...(box && { box }),
      measures: {
        hash: part(hashes, 2 * at, 2 * count),
        maskHash: hasMask ? part(hashes, 2 * at + 1, 2 * count) : null,
        moments: moments.subarray(at * measured, (at + 1) * measured),
        look: has[at]! & HAS_LOOK ? part(looks, at) : null,
      },
    };
  });
}
