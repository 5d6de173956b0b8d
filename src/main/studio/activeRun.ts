/**
 * A running training: its trainer and its messages. Each message is first recorded in the database, then reported, in
 * order. While the disk is full the run waits, reports that, and continues by itself. If the trainer finds a damaged
 * cache, it is repaired from the source, and the run continues from its last checkpoint.
 */
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { TrainerHandle } from '../../engine/runtime/trainerHandle.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import { explained, sizeText } from '../errorSentences.ts';
import { warn } from '../terminal.ts';
import { DiskTrouble } from '../userError.ts';

/** Milliseconds between two attempts to record: the first, and the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

export interface ActiveRunOptions {
  readonly summary: RunSummary;
  /** The workspace's. */
  readonly folder: string;
  /** Starts a trainer from the last checkpoint. */
  launch(onMessage: (message: TrainerMessage) => void): TrainerHandle;
  /** Records a message in the database, then updates the summary. */
  record(message: TrainerMessage): void;
  /** Repairs the dataset's cache. @throws UserError where that is not possible */
  mendCache(): Promise<void>;
  /** Called when the summary has changed; with the recorded message, if that is the reason. */
  onChange(message?: TrainerMessage): void;
  /** Its last message is recorded; the thread may still be running. */
  onOver(): void;
}

export class ActiveRun {
  readonly summary: RunSummary;
  /** Resolves when its thread has ended and all messages are recorded. */
  readonly ended: Promise<void>;
  readonly #options: ActiveRunOptions;
  readonly #resolveEnded: () => void;
  readonly #unwritten: TrainerMessage[] = [];
  #training: TrainerHandle;
  #timer: NodeJS.Timeout | undefined;
  #wait = FIRST_RETRY_MS;
  /** Whether messages are no longer recorded. */
  #isGivenUp = false;
  #isMended = false;
  #isClosing = false;

  constructor(options: ActiveRunOptions) {
    this.#options = options;
    this.summary = options.summary;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#training = this.#launch();
  }

  pause(): void {
    this.#training.pause();
  }

  resume(): void {
    this.#training.resume();
  }

  stop(): void {
    this.#training.stop();
  }

  /** Stops without waiting for the disk, because the workspace is closing. */
  close(): void {
    this.#isClosing = true;
    this.stop();
    if (this.#timer) this.#write();
  }

  setLearningRate(learningRate: number): void {
    this.#training.setLearningRate(learningRate);
  }

  #launch(): TrainerHandle {
    return this.#options.launch(message => this.#receive(message));
  }

  #receive(message: TrainerMessage): void {
    if (this.#isGivenUp) {
      if (message.type === 'end' || message.type === 'failed') this.#over();
      return;
    }
    if (message.type === 'failed' && message.damagedImage !== undefined && !this.#isMended) {
      void this.#mend(message.damagedImage);
      return;
    }
    this.#unwritten.push(message.type === 'failed' ? this.#explain(message) : message);
    if (!this.#timer) this.#write();
  }

  /** Records pending messages in order; retries later where the disk refuses. */
  #write(): void {
    clearTimeout(this.#timer);
    const wasHeld = this.#timer !== undefined;
    this.#timer = undefined;
    while (this.#unwritten.length > 0) {
      const [message] = this.#unwritten as [TrainerMessage];
      try {
        this.#options.record(message);
      } catch (error) {
        this.#refused(explained(error, this.#options.folder));
        return;
      }
      this.#unwritten.shift();
      this.#wait = FIRST_RETRY_MS;
      this.#updateWaiting(message);
      this.#options.onChange(message);
      if (message.type === 'end' || message.type === 'failed') this.#over();
    }
    if (!wasHeld) return;
    this.#training.hold(false);
    if (this.summary.state === 'paused') this.#set('running', null);
  }

  /** Updates the summary for states that are not recorded: a checkpoint that waits for disk space. */
  #updateWaiting(message: TrainerMessage): void {
    if (message.type === 'resumed') this.summary.error = null;
    if (message.type !== 'waiting') return;
    const { refusal, bytes } = message;
    const { message: said } = explained(refusal, this.#options.folder);
    const size = `The checkpoint takes ${sizeText(bytes)}.`;
    Object.assign(this.summary, { state: 'paused', rate: 0, error: `${said} ${size} ${GOES_ON}` });
  }

  #refused(error: Error): void {
    const { onChange } = this.#options;
    if (!(error instanceof DiskTrouble) || this.#isClosing) {
      // The database refuses it, or the workspace is closing: the run's state is that of its last checkpoint.
      warn(`${this.summary.name}: ${error.message}`);
      this.#isGivenUp = true;
      const isOver = this.#unwritten.some(({ type }) => type === 'end' || type === 'failed');
      this.#training.stop();
      Object.assign(this.summary, { state: 'failed', rate: 0, error: error.message, endedAt: Date.now() });
      onChange();
      if (isOver) this.#over();
      return;
    }
    this.#training.hold(true);
    this.#timer = setTimeout(() => this.#write(), this.#wait);
    this.#wait = Math.min(2 * this.#wait, LONGEST_RETRY_MS);
    this.#set('paused', `${error.message} ${GOES_ON}`);
  }

  async #mend(image: number): Promise<void> {
    this.#isMended = true;
    this.#set(
      'paused',
      `The cache of ${this.summary.dataset} is damaged at image ${image}: it is filled again.`,
    );
    try {
      await this.#options.mendCache();
      await this.#training.ended;
      if (this.#isClosing) throw new Error('The workspace was closed before the cache was filled again.');
      this.#training = this.#launch();
      this.#set('running', null);
    } catch (error) {
      const { message } = explained(error, this.#options.folder);
      this.#receive({ type: 'failed', message });
    }
  }

  /** A failure caused by the disk or by damage, as a sentence. */
  #explain(failed: Extract<TrainerMessage, { type: 'failed' }>): TrainerMessage {
    const { message, name = '', refusal } = failed;
    return { ...failed, message: explained({ message, name, ...refusal }, this.#options.folder).message };
  }

  #set(state: RunSummary['state'], error: string | null): void {
    Object.assign(this.summary, { state, error, rate: 0 });
    this.#options.onChange();
  }

  #over(): void {
    this.#options.onOver();
    void this.#training.ended.then(this.#resolveEnded);
  }
}

const GOES_ON = 'The run waits, and goes on by itself when it can be written.';
