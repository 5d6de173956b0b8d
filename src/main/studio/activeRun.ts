/**
 * One run under way: its trainer, and what it says. Every message becomes rows first and is told after, in order. While
 * the disk has no room the run waits, says so, and goes on by itself; where the trainer meets damage in the dataset's
 * cache, that is filled again from its source and the run goes on from its last checkpoint.
 */
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { TrainerHandle } from '../../engine/runtime/trainerHandle.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import { explained, sizeText } from '../errorSentences.ts';
import { warn } from '../terminal.ts';
import { DiskTrouble } from '../userError.ts';

/** Milliseconds between two attempts to record what the disk refused: at first, and at most. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

export interface ActiveRunOptions {
  readonly summary: RunSummary;
  /** The workspace's. */
  readonly folder: string;
  /** Starts a trainer from the last checkpoint. */
  launch(onMessage: (message: TrainerMessage) => void): TrainerHandle;
  /** Writes a message, then changes the summary by it. */
  record(message: TrainerMessage): void;
  /** Fills the dataset's cache again. @throws UserError where it cannot be */
  mendCache(): Promise<void>;
  /** Whenever the summary has changed; with the message that is recorded now, if that is why. */
  onChange(message?: TrainerMessage): void;
  /** Its last message is recorded; its thread may not have ended yet. */
  onOver(): void;
}

export class ActiveRun {
  readonly summary: RunSummary;
  /** Resolves when its thread has ended and all that it said is recorded. */
  readonly ended: Promise<void>;
  readonly #options: ActiveRunOptions;
  readonly #resolveEnded: () => void;
  readonly #unwritten: TrainerMessage[] = [];
  #training: TrainerHandle;
  #timer: NodeJS.Timeout | undefined;
  #wait = FIRST_RETRY_MS;
  /** Nothing that it says is recorded any more. */
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

  /** Stops it, and waits for no disk: the workspace is to be closed. */
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
    this.#unwritten.push(message.type === 'failed' ? this.#told(message) : message);
    if (!this.#timer) this.#write();
  }

  /** Records what waits, in order; where the disk refuses, later. */
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
      this.#say(message);
      this.#options.onChange(message);
      if (message.type === 'end' || message.type === 'failed') this.#over();
    }
    if (!wasHeld) return;
    this.#training.hold(false);
    if (this.summary.state === 'paused') this.#set('running', null);
  }

  /** What the summary says beyond what is recorded: that a checkpoint waits for room, and that it has found some. */
  #say(message: TrainerMessage): void {
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
      // The database does not take it, or nobody waits any longer: the run stands where its last checkpoint does.
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

  /** A failure by what the disk refused, or by damage, in a sentence. */
  #told(failed: Extract<TrainerMessage, { type: 'failed' }>): TrainerMessage {
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
