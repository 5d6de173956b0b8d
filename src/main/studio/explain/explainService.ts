/**
 * Explain: questions about networks. They are resolved here and computed in a thread, so that neither the window nor a
 * training run waits.
 */
import { Worker } from 'node:worker_threads';
import type { StudioEvent } from '../../../bridge/contract.ts';
import type { AnswerTo, ExplainAnswer, ExplainQuestion } from '../../../bridge/explainCalls.ts';
import type { Id } from '../../../bridge/ids.ts';
import type { Workspace } from '../../database/workspace.ts';
import { entryFile } from '../../entries.ts';
import { explained } from '../../errorSentences.ts';
import { UserError } from '../../userError.ts';
import type { Datasets } from '../datasets/datasetService.ts';
import type { ThreadMessage, ThreadQuestion } from './explainMessages.ts';
import { materialFor } from './resolveQuestion.ts';

export interface ExplainOptions {
  workspace: Workspace;
  datasets: Datasets;
  emit: (event: StudioEvent) => void;
  /** Threads of the engine. */
  workers: number;
}

interface Pending {
  readonly cancelled: Int32Array;
  resolve(answer: ExplainAnswer): void;
  reject(error: Error): void;
}

export class Explain {
  readonly #options: ExplainOptions;
  readonly #pending = new Map<Id, Pending>();
  #thread: Worker | undefined;

  constructor(options: ExplainOptions) {
    this.#options = options;
  }

  /**
   * @param task an id chosen by the caller, for progress and cancelling
   * @throws UserError where the network, weights or image are not available, or it was cancelled
   */
  async ask<Q extends ExplainQuestion>(task: Id, question: Q): Promise<AnswerTo<Q>> {
    const { workspace, datasets, workers } = this.#options;
    if (this.#pending.has(task)) throw new UserError('This question is being answered already.');
    const cancelled = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const { promise, resolve, reject } = Promise.withResolvers<ExplainAnswer>();
    this.#pending.set(task, { cancelled: new Int32Array(cancelled), resolve, reject });
    try {
      const material = await materialFor(question, workspace, datasets);
      const message: ThreadQuestion = { task, question, material, threads: workers, cancelled };
      this.#started().postMessage(message);
      return (await promise) as AnswerTo<Q>;
    } finally {
      this.#pending.delete(task);
    }
  }

  /** Cancels a question. */
  cancel(task: Id): void {
    const pending = this.#pending.get(task);
    if (pending) Atomics.store(pending.cancelled, 0, 1);
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #started(): Worker {
    if (this.#thread) return this.#thread;
    const thread = new Worker(entryFile('explainThread'));
    thread.on('message', message => this.#receive(message));
    thread.on('error', error => this.#ended(error));
    thread.on('exit', () => this.#ended(new Error('The thread that explains ended.')));
    thread.unref();
    this.#thread = thread;
    return thread;
  }

  #receive(message: ThreadMessage): void {
    const pending = this.#pending.get(message.task);
    if (message.type === 'progress') {
      const { task, done, total } = message;
      this.#options.emit({ type: 'explaining', task, done, total });
    } else if (message.type === 'answer') pending?.resolve(message.answer);
    else {
      // Restores the error's class from its name.
      pending?.reject(explained(message, this.#options.workspace.folder));
    }
  }

  #ended(error: Error): void {
    this.#thread = undefined;
    for (const { reject } of this.#pending.values()) reject(error);
  }
}
