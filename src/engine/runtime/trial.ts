/** A measurement before a run, in a thread of its own: does not block and can be cancelled. */
import { Worker } from 'node:worker_threads';
import type { ProjectDocument } from '../graph/document.ts';
import { threadEntry } from './fileLocation.ts';
import type { LargestBatch, TrainingMeasurement } from './measureTraining.ts';
import type { FoundRate, RatePoint } from './rateFinder.ts';
import { listenToThread } from './threadMessages.ts';
import type { Failed } from './trainerMessages.ts';
import type { TrainingData } from './trainingData.ts';

export interface TrialOptions {
  readonly what: 'measure' | 'findRate';
  readonly document: ProjectDocument;
  readonly data: TrainingData;
  readonly threads: number;
}

export type TrialMessage =
  | { type: 'measured'; measured: TrainingMeasurement; largest: LargestBatch | null }
  | { type: 'point'; point: RatePoint }
  | { type: 'found'; found: FoundRate }
  | Failed;

export class Trial {
  /** Resolves when the thread has ended, after its last message. */
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  #cancelled = false;

  /** If the thread ends without an answer, `failed` is reported, unless it was cancelled. */
  constructor(options: TrialOptions, onMessage: (message: TrialMessage) => void) {
    const worker = new Worker(threadEntry('trialThread'), { workerData: options });
    this.#worker = worker;
    const isLast = ({ type }: TrialMessage) => type !== 'point';
    this.ended = listenToThread<TrialMessage>(worker, isLast, message => {
      if (!this.#cancelled) onMessage(message);
    });
  }

  /** Ends the thread at once; no more messages follow. */
  cancel(): void {
    this.#cancelled = true;
    void this.#worker.terminate();
  }
}
