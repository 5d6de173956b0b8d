/**
 * A run under way, seen from the thread that started it: pause, resume, stop, change the learning rate, and the
 * messages of the trainer. It blocks nobody.
 */
import { Worker } from 'node:worker_threads';
import { threadEntry } from './fileLocation.ts';
import { listenToThread } from './threadMessages.ts';
import {
  trainerCommands as commands,
  type TrainerMessage,
  type TrainerOptions,
  trainerControl as words,
} from './trainerMessages.ts';

export class TrainerHandle {
  /** Resolves when the thread has ended, after its last message. */
  readonly ended: Promise<void>;
  readonly #command: Int32Array;
  readonly #rate: Float32Array;

  constructor(options: Omit<TrainerOptions, 'control'>, onMessage: (message: TrainerMessage) => void) {
    const control = new SharedArrayBuffer(words.count * Int32Array.BYTES_PER_ELEMENT);
    this.#command = new Int32Array(control);
    this.#rate = new Float32Array(control);
    const workerData: TrainerOptions = { ...options, control };
    const worker = new Worker(threadEntry('trainerThread'), { workerData });
    const isLast = ({ type }: TrainerMessage) => type === 'end' || type === 'failed';
    this.ended = listenToThread(worker, isLast, onMessage);
  }

  pause(): void {
    this.#tell(commands.pause);
  }

  resume(): void {
    this.#tell(commands.run);
  }

  /** Ends after the step at hand, with a checkpoint. */
  stop(): void {
    this.#tell(commands.stop);
  }

  /** While what it says cannot be recorded, it waits. */
  hold(isHeld: boolean): void {
    Atomics.store(this.#command, words.held, Number(isHeld));
  }

  setLearningRate(learningRate: number): void {
    this.#rate[words.learningRate] = learningRate;
  }

  #tell(command: number): void {
    Atomics.store(this.#command, words.command, command);
    Atomics.notify(this.#command, words.command);
  }
}
