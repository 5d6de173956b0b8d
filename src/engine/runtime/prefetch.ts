/**
 * Reads the next batch in a thread of its own while a program runs. It only reads: the order of images, random numbers
 * and targets are up to the caller, so that results do not depend on timing.
 */
import { Worker } from 'node:worker_threads';
import { CacheFile } from './cacheFile.ts';
import { threadEntry } from './fileLocation.ts';

/** A file of the cache and where its entries go. */
export interface PrefetchTarget {
  readonly path: string;
  /** Bytes of one entry. */
  readonly size: number;
  /** By position, as TrainingData has them. */
  readonly digests?: Uint8Array | undefined;
  /** In memory that the threads share. */
  readonly to: Uint8Array;
}

/** What the reading thread is started with. */
export interface ReaderOptions {
  readonly places: readonly PrefetchTarget[];
  readonly control: SharedArrayBuffer;
}

/** Words that both sides share; behind them come the positions that are asked for. */
const words = { asked: 0, done: 1, state: 2, count: 3, positions: 4 } as const;
const states = { starting: 0, reading: 1, failed: 2, ended: 3 } as const;

export class Prefetch {
  readonly #control: Int32Array;
  readonly #reader: Worker;
  /** What was asked for last. */
  #batch = new Int32Array();

  /** @param batch images that it is asked for at most */
  constructor(places: readonly PrefetchTarget[], batch: number) {
    const control = new SharedArrayBuffer((words.positions + batch) * Int32Array.BYTES_PER_ELEMENT);
    this.#control = new Int32Array(control);
    const workerData: ReaderOptions = { places, control };
    this.#reader = new Worker(threadEntry('readerThread'), { workerData });
    this.#reader.unref();
  }

  /** Begins to read a batch, unless the reader is busy still. */
  begin(batch: Int32Array): void {
    if (batch.length === 0 || this.#load(words.done) !== this.#load(words.asked)) return;
    this.#batch = batch.slice();
    this.#control.set(batch, words.positions);
    this.#control[words.count] = batch.length;
    Atomics.add(this.#control, words.asked, 1);
    Atomics.notify(this.#control, words.asked);
  }

  /**
   * Waits for a batch.
   * @returns whether it is in its buffers now; not if it was not requested, or the reader cannot read it
   */
  take(batch: Int32Array): boolean {
    const isAsked = batch.length === this.#batch.length && batch.every((each, i) => each === this.#batch[i]);
    // Does not wait for a thread that is still starting: reading the batch directly is faster.
    if (!isAsked || this.#load(words.state) !== states.reading) return false;
    for (const asked = this.#load(words.asked); this.#load(words.done) !== asked; )
      Atomics.wait(this.#control, words.done, asked - 1);
    return this.#load(words.state) === states.reading;
  }

  close(): void {
    Atomics.store(this.#control, words.state, states.ended);
    Atomics.add(this.#control, words.asked, 1);
    Atomics.notify(this.#control, words.asked);
  }

  #load(word: number): number {
    return Atomics.load(this.#control, word);
  }
}

/** The reader's life: it waits for a batch to be asked for, reads it, waits again. A failure ends it. */
export function serveReads({ places, control }: ReaderOptions): void {
  const shared = new Int32Array(control);
  const files: { file: CacheFile; to: Uint8Array }[] = [];
  try {
    for (const { path, size, digests, to } of places)
      files.push({ file: new CacheFile(path, size, digests), to });
    // It may have been ended before it began.
    Atomics.compareExchange(shared, words.state, states.starting, states.reading);
    for (let done = 0; ; ) {
      Atomics.wait(shared, words.asked, done);
      if (Atomics.load(shared, words.state) !== states.reading) return;
      const positions = shared.slice(words.positions, words.positions + shared[words.count]!);
      for (const { file, to } of files) file.read(positions, to);
      Atomics.store(shared, words.done, ++done);
      Atomics.notify(shared, words.done);
    }
  } catch {
    // The caller then reads the batch itself, and meets the same error where it can be reported.
    Atomics.store(shared, words.state, states.failed);
    Atomics.store(shared, words.done, Atomics.load(shared, words.asked));
    Atomics.notify(shared, words.done);
  } finally {
    for (const { file } of files) file.close();
  }
}
