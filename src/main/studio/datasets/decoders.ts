/**
 * Threads that decode files, as many as there are processors. What comes back is in the order of what was asked,
 * and at most a few batches are under way, so that memory stays bounded however long the list.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { entryFile } from '../../entries.ts';
import type { Decoded, DecodedImage, DecodeJob, DecodeSpec } from './decode.ts';
import { inOrder } from './inOrder.ts';
import type { MaskCode } from './maskCode.ts';
import type { Measures } from './measure.ts';

export type DecodedPart = (DecodedImage & { measures: Measures }) | Exclude<Decoded, DecodedImage>;

export type BatchRequest = { id: number; jobs: DecodeJob[] } | { id: number; scan: string };

/** Bytes of a hash. */
export const HASH = 32;

type Fact = Omit<DecodedImage, 'pixels' | 'mask'> & { hasMask: boolean; hasLook: boolean };

/** What came of a batch, its arrays one after the other; a place for each file, whether or not it was decoded. */
export interface Batch {
  facts: (Fact | Exclude<Decoded, DecodedImage>)[];
  pixels: Uint8Array<ArrayBuffer>;
  masks: Uint8Array<ArrayBuffer>;
  /** Of each the hash of the pixels, then that of the mask. */
  hashes: Uint8Array<ArrayBuffer>;
  moments: Float64Array<ArrayBuffer>;
  looks: Uint8Array<ArrayBuffer>;
}

export interface BatchAnswer {
  id: number;
  batch?: Batch;
  values?: MaskValues | null;
}

/** Which values occur in a mask. */
export interface MaskValues {
  by: MaskCode['by'];
  values: number[];
}

/** Files in one message: many where each is small, so that messages cost less than the work. */
const SMALL_BATCH = 128;
const LARGE_BATCH = 4;
const SMALL_PIXELS = 64 * 64;

interface Waiting {
  resolve(answer: BatchAnswer): void;
  reject(error: Error): void;
}

export class Decoders {
  readonly #batch: number;
  readonly #threads: Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  /** Call `close` when all is decoded. */
  constructor(spec: DecodeSpec) {
    this.#batch = spec.shape[1] * spec.shape[2] <= SMALL_PIXELS ? SMALL_BATCH : LARGE_BATCH;
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

  async *decode(jobs: Iterable<DecodeJob>, signal: AbortSignal): AsyncGenerator<DecodedPart> {
    const answers = inOrder(inBatches(jobs, this.#batch), 2 * this.#threads.length, signal, batch =>
      this.#ask({ jobs: batch }),
    );
    for await (const { batch } of answers) yield* unpacked(batch!);
  }

  async *scan(masks: Iterable<string>, signal: AbortSignal): AsyncGenerator<MaskValues | null> {
    const answers = inOrder(masks, 4 * this.#threads.length, signal, scan => this.#ask({ scan }));
    for await (const { values } of answers) yield values!;
  }

  /**
   * Ends the threads, whatever they are at. A thread ends only when the image that it decodes is done: whoever
   * cancelled does not wait for that.
   */
  async close({ aborted }: AbortSignal): Promise<void> {
    const ended = Promise.all(this.#threads.map(thread => thread.terminate()));
    this.#fail(new Error('The decoders were closed.'));
    if (!aborted) await ended;
  }

  #ask(request: { jobs: DecodeJob[] } | { scan: string }): Promise<BatchAnswer> {
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

function* inBatches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function* unpacked({ facts, pixels, masks, hashes, moments, looks }: Batch): Generator<DecodedPart> {
  const part = <T extends Uint8Array | Float64Array>(all: T, at: number, of = facts.length) =>
    all.subarray((at * all.length) / of, ((at + 1) * all.length) / of) as T;
  for (const [at, fact] of facts.entries()) {
    if (!('hasMask' in fact)) {
      yield fact;
      continue;
    }
    const { hasMask, hasLook, ...rest } = fact;
    yield {
      ...rest,
      pixels: part(pixels, at),
      ...(hasMask && { mask: part(masks, at) }),
      measures: {
        hash: part(hashes, 2 * at, 2 * facts.length),
        maskHash: hasMask ? part(hashes, 2 * at + 1, 2 * facts.length) : null,
        moments: part(moments, at),
        look: hasLook ? part(looks, at) : null,
      },
    };
  }
}
