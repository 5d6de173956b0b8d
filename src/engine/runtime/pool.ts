/**
 * The threads that run a program together. The caller's thread is the first of them; the others sleep between
 * runs. A run is one call into the kernels per thread: no message is sent, nothing is copied.
 */
import { Worker } from 'node:worker_threads';
import { type Backend, openKernels } from './backend.ts';
import { threadEntry } from './fileLocation.ts';
import { CONTROL, commands, controlWords, RESERVED_BYTES, threadArea, words } from './memory.ts';

/** What a worker thread is told to begin. */
export interface WorkerOptions {
  readonly kernels: Backend['kernels'];
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
  readonly modelEnd: number;
}

/** Turns that a thread looks for the next run before it sleeps: the pause between two steps is short. */
const SPINS_BEFORE_SLEEP = 20_000;

/** Opens the kernels for one thread, on its own stack. */
export function openThread({ kernels, memory, thread, threads, modelEnd }: WorkerOptions): { run(): void } {
  const { stackTop, scratch } = threadArea(modelEnd, thread);
  const run = openKernels(kernels, memory, { stackTop, reserved: RESERVED_BYTES });
  return { run: () => run(CONTROL, thread, threads, scratch) };
}

/** A worker's part in a pool: it waits for a run, takes part, waits again, until the pool is closed. */
export function serve(options: WorkerOptions): void {
  const control = controlWords(options.memory);
  const thread = openThread(options);
  for (let seen = 0; ; ) {
    let turns = 0;
    while (Atomics.load(control, words.generation) === seen) {
      if (++turns > SPINS_BEFORE_SLEEP) Atomics.wait(control, words.generation, seen);
    }
    seen = Atomics.load(control, words.generation);
    if (Atomics.load(control, words.command) === commands.end) return;
    thread.run();
  }
}

/** Workers for the next pool: those that load their code meanwhile, and those of pools that were closed. */
const waiting: Worker[] = [];

/** A worker that waits may keep the memory that it last worked on: of a larger one it does not stay. */
const KEPT_BYTES = 64 << 20;

function startWorker(): Worker {
  const worker = new Worker(threadEntry('workerThread'));
  worker.unref();
  return worker;
}

/** Starts the threads of a session that is about to be made, so that they are there once its model is compiled. */
export function startWorkers(threads: number): void {
  while (waiting.length < threads - 1) waiting.push(startWorker());
}

export class Pool {
  readonly #control: Int32Array;
  readonly #own: { run(): void };
  readonly #workers: Worker[];

  constructor(backend: Backend, memory: WebAssembly.Memory, modelEnd: number, threads: number) {
    const options = { kernels: backend.kernels, memory, threads, modelEnd };
    this.#control = controlWords(memory);
    this.#own = openThread({ ...options, thread: 0 });
    this.#workers = Array.from({ length: threads - 1 }, (_, i) => {
      const worker = waiting.pop() ?? startWorker();
      worker.ref();
      worker.postMessage({ ...options, thread: i + 1 } satisfies WorkerOptions);
      return worker;
    });
  }

  /** Runs the program that the control block names, on all threads, to its end. */
  run(): void {
    Atomics.store(this.#control, words.command, commands.run);
    this.#wake();
    this.#own.run();
  }

  /** Lets the worker threads go. The pool cannot run again. */
  close(): void {
    Atomics.store(this.#control, words.command, commands.end);
    this.#wake();
    const isSmall = this.#control.buffer.byteLength <= KEPT_BYTES;
    for (const worker of this.#workers.splice(0)) {
      worker.unref();
      if (isSmall) waiting.push(worker);
      else worker.terminate();
    }
  }

  #wake(): void {
    Atomics.add(this.#control, words.generation, 1);
    Atomics.notify(this.#control, words.generation);
  }
}
