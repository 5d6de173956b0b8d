/**
 * The threads that run a program. The calling thread is one of them; the others sleep between runs. To run a program,
 * each thread calls into the kernels once; there are no messages and no copies.
 */
import { Worker } from 'node:worker_threads';
import { type Backend, openKernels } from './backend.ts';
import { threadEntry } from './fileLocation.ts';
import { CONTROL, commands, controlWords, RESERVED_BYTES, threadArea, words } from './memory.ts';

/** The data that a worker thread starts with. */
export interface WorkerOptions {
  readonly kernels: Backend['kernels'];
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
  readonly modelEnd: number;
}

/** How often a thread polls for the next run before it sleeps; the pause between two steps is short. */
const SPINS_BEFORE_SLEEP = 20_000;

/** Opens the kernels for one thread, on its own stack. */
export function openThread({ kernels, memory, thread, threads, modelEnd }: WorkerOptions): { run(): void } {
  const { stackTop, scratch } = threadArea(modelEnd, thread);
  const run = openKernels(kernels, memory, { stackTop, reserved: RESERVED_BYTES });
  return { run: () => run(CONTROL, thread, threads, scratch) };
}

/** The loop of a worker: wait for a run, take part, until the pool is closed. */
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

/** Idle workers for the next pool: some still loading their code, others from closed pools. */
const waiting: Worker[] = [];

/** An idle worker may keep its last memory alive, so that it is ended if that was larger than this. */
const KEPT_BYTES = 64 << 20;

function startWorker(): Worker {
  const worker = new Worker(threadEntry('workerThread'));
  worker.unref();
  return worker;
}

/** Starts workers for a session that will be made soon, so that they are loaded when its model is compiled. */
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

  /** Runs the program that the control block names, on all threads. */
  run(): void {
    Atomics.store(this.#control, words.command, commands.run);
    this.#wake();
    this.#own.run();
  }

  /** Releases the worker threads; the pool cannot run again. */
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
