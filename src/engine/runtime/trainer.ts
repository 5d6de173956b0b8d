/**
 * The training loop: batches in the order that seed and epoch give, one program run per step, validation after
 * each epoch, the test at the end. Synchronous; it runs in a thread of its own and says what happens by
 * messages. Between steps it looks at the control words: pause, stop, learning rate.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../compile/compile.ts';
import type { Model } from '../compile/program.ts';
import type { ProjectDocument } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import { sizeOf } from '../layers/shape.ts';
import { loadBackend } from './backend.ts';
import { hashWeights, type Progress, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { MODEL_START } from './memory.ts';
import { shuffled } from './philox.ts';
import { Session } from './session.ts';
import type { TrainingData } from './trainingData.ts';

export interface TrainerOptions {
  readonly document: ProjectDocument;
  readonly data: TrainingData;
  readonly threads: number;
  /** Where checkpoints go; it exists. */
  readonly folder: string;
  /** A checkpoint to go on from. */
  readonly resumeFrom: string | null;
  /** `trainerControl` words, shared with who started it. */
  readonly control: SharedArrayBuffer;
}

export interface StepReport {
  step: number;
  loss: number;
  accuracy: number;
  learningRate: number;
  seconds: number;
}

export interface EpochReport {
  epoch: number;
  step: number;
  trainLoss: number;
  trainAccuracy: number;
  valLoss: number | null;
  valAccuracy: number | null;
}

export type TrainerMessage =
  /** @property bytes of the memory that was taken, as forecast */
  | { type: 'start'; step: number; steps: number; stepsPerEpoch: number; bytes: number }
  | { type: 'steps'; points: StepReport[]; rate: number }
  | { type: 'epoch'; point: EpochReport }
  /** It is on disk. The one before it of the same kind may go now. */
  | { type: 'checkpoint'; kind: 'last' | 'best'; path: string; step: number; epoch: number }
  | { type: 'paused' }
  | { type: 'resumed' }
  | {
      type: 'end';
      state: 'finished' | 'stopped';
      metrics: Record<string, number>;
      weightHash: string;
      seconds: number;
    }
  | { type: 'failed'; message: string };

/** Words of the control buffer, and what the command word can say. */
export const trainerControl = { command: 0, learningRate: 1, count: 2 } as const;
export const trainerCommands = { run: 0, pause: 1, stop: 2 } as const;

/** Points are sent together, at most this many milliseconds late. */
const REPORT_MS = 100;
/** Between two checkpoints within an epoch. */
const CHECKPOINT_MS = 20_000;

/** The model of a document as it is trained and evaluated. */
export function compileForTraining(document: ProjectDocument, batch = document.training.batchSize): Model {
  return compile({
    inference: infer(document.graph),
    training: document.training,
    batch,
    input: 'uint8',
    programs: ['train', 'evaluate'],
    realBytes: 4,
    start: MODEL_START,
  });
}

/** Trains to the end, or until it is told to stop. Never throws: a failure is a message. */
export function train(options: TrainerOptions, post: (message: TrainerMessage) => void): void {
  let trainer: Trainer | undefined;
  try {
    trainer = new Trainer(options, post);
    trainer.run();
  } catch (error) {
    post({ type: 'failed', message: (error as Error).message });
  } finally {
    trainer?.close();
  }
}

interface Evaluation {
  readonly loss: number;
  readonly accuracy: number;
}

class Trainer {
  readonly #options: TrainerOptions;
  readonly #post: (message: TrainerMessage) => void;
  readonly #session: Session;
  readonly #images: number;
  readonly #imageBytes: number;
  readonly #command: Int32Array;
  readonly #rate: Float32Array;
  readonly #stepsPerEpoch: number;
  #progress: Progress = { step: 0, seconds: 0, images: 0, lossSum: 0, correct: 0, best: -1 };
  #metrics: Record<string, number> = {};
  #pending: StepReport[] = [];
  #reported = performance.now();
  #checkpointed = performance.now();

  constructor(options: TrainerOptions, post: (message: TrainerMessage) => void) {
    const { document, data, threads, control, resumeFrom } = options;
    this.#options = options;
    this.#post = post;
    this.#command = new Int32Array(control);
    this.#rate = new Float32Array(control);
    const model = compileForTraining(document);
    this.#session = new Session(model, loadBackend(), threads);
    this.#session.setNormalization(data.mean, data.std);
    this.#session.initialise(document.training.seed);
    if (resumeFrom) this.#restore(resumeFrom);
    this.#images = openSync(data.imagesPath, 'r');
    this.#imageBytes = sizeOf(data.imageShape);
    this.#stepsPerEpoch = Math.ceil(data.splits.train.length / document.training.batchSize);
    const bytes = Session.bytes(model, threads);
    const steps = this.#stepsPerEpoch * document.training.epochs;
    post({ type: 'start', step: this.#progress.step, steps, stepsPerEpoch: this.#stepsPerEpoch, bytes });
  }

  run(): void {
    const { epochs } = this.#options.document.training;
    const first = Math.floor(this.#progress.step / this.#stepsPerEpoch);
    for (let epoch = first; epoch < epochs; epoch++) {
      if (!this.#trainEpoch(epoch)) {
        this.#end('stopped');
        return;
      }
    }
    this.#end('finished');
  }

  close(): void {
    this.#session.close();
    closeSync(this.#images);
  }

  #restore(path: string): void {
    const { progress, tensors } = readCheckpoint(path);
    const [missing] = this.#session.restore(tensors);
    if (missing) throw new Error(`The checkpoint does not fit this network: ${missing} is missing.`);
    this.#progress = { ...progress };
  }

  /** @returns false when it was told to stop */
  #trainEpoch(epoch: number): boolean {
    const { data, document } = this.#options;
    const { batchSize, seed } = document.training;
    const order = shuffled(data.splits.train, seed, epoch);
    for (let i = this.#progress.step % this.#stepsPerEpoch; i < this.#stepsPerEpoch; i++) {
      if (!this.#mayGoOn()) return false;
      this.#trainStep(order.subarray(i * batchSize, (i + 1) * batchSize));
      // The last step of an epoch is saved with its validation, below.
      if (i + 1 < this.#stepsPerEpoch && performance.now() - this.#checkpointed > CHECKPOINT_MS)
        this.#save('last');
    }
    this.#flush();
    this.#endEpoch(epoch);
    return true;
  }

  #trainStep(batch: Int32Array): void {
    const started = performance.now();
    const progress = this.#progress;
    const learningRate = this.#rate[trainerControl.learningRate]!;
    this.#load(batch);
    const { seed } = this.#options.document.training;
    this.#session.run('train', batch.length, { learningRate, seed, step: progress.step });
    const { lossSum, correct } = this.#measure(batch.length);
    progress.step++;
    progress.images += batch.length;
    progress.lossSum += lossSum;
    progress.correct += correct;
    progress.seconds += (performance.now() - started) / 1000;
    const [loss, accuracy] = [lossSum / batch.length, correct / batch.length];
    this.#pending.push({ step: progress.step, loss, accuracy, learningRate, seconds: progress.seconds });
    if (!Number.isFinite(loss)) {
      this.#flush();
      throw new Error(
        `The loss became ${loss} at step ${progress.step}: training diverged. Lower the learning rate.`,
      );
    }
    if (performance.now() - this.#reported > REPORT_MS) this.#flush();
  }

  #endEpoch(epoch: number): void {
    const progress = this.#progress;
    const validation = this.#evaluate(this.#options.data.splits.val);
    const trainLoss = progress.lossSum / progress.images;
    const trainAccuracy = progress.correct / progress.images;
    Object.assign(progress, { images: 0, lossSum: 0, correct: 0 });
    this.#metrics = { ...this.#metrics, 'train.loss': trainLoss, 'train.accuracy': trainAccuracy };
    if (validation) {
      this.#metrics = { ...this.#metrics, 'val.loss': validation.loss, 'val.accuracy': validation.accuracy };
    }
    const point = {
      epoch: epoch + 1,
      step: progress.step,
      trainLoss,
      trainAccuracy,
      valLoss: validation?.loss ?? null,
      valAccuracy: validation?.accuracy ?? null,
    };
    this.#post({ type: 'epoch', point });
    const score = validation?.accuracy ?? trainAccuracy;
    const best = score > progress.best;
    if (best) progress.best = score;
    this.#save('last');
    if (best) this.#save('best');
  }

  #end(state: 'finished' | 'stopped'): void {
    this.#flush();
    if (state === 'stopped') this.#save('last');
    const test = state === 'finished' ? this.#evaluate(this.#options.data.splits.test) : null;
    if (test) this.#metrics = { ...this.#metrics, 'test.loss': test.loss, 'test.accuracy': test.accuracy };
    const weightHash = hashWeights(this.#session.weights());
    this.#post({ type: 'end', state, metrics: this.#metrics, weightHash, seconds: this.#progress.seconds });
  }

  /** Mean loss and accuracy over a split; null where it is empty. */
  #evaluate(split: Int32Array): Evaluation | null {
    if (split.length === 0) return null;
    const sums = { loss: 0, correct: 0 };
    const { batch } = this.#session.model;
    for (let from = 0; from < split.length; from += batch) {
      const part = split.subarray(from, from + batch);
      this.#load(part);
      this.#session.run('evaluate', part.length);
      const { lossSum, correct } = this.#measure(part.length);
      sums.loss += lossSum;
      sums.correct += correct;
    }
    return { loss: sums.loss / split.length, accuracy: sums.correct / split.length };
  }

  #load(batch: Int32Array): void {
    const { images, targets } = this.#session;
    const { labels } = this.#options.data;
    for (const [i, index] of batch.entries()) {
      const at = i * this.#imageBytes;
      const read = readSync(this.#images, images, at, this.#imageBytes, index * this.#imageBytes);
      if (read !== this.#imageBytes)
        throw new Error('The dataset’s cache is shorter than it should be: import it again.');
      targets[i] = labels[index]!;
    }
  }

  #measure(count: number): { lossSum: number; correct: number } {
    const { losses, predictions, targets } = this.#session;
    let [lossSum, correct] = [0, 0];
    for (let i = 0; i < count; i++) {
      lossSum += losses[i]!;
      if (predictions[i] === targets[i]) correct++;
    }
    return { lossSum, correct };
  }

  /** Waits while paused. @returns false when told to stop */
  #mayGoOn(): boolean {
    const command = () => Atomics.load(this.#command, trainerControl.command);
    if (command() === trainerCommands.pause) {
      this.#flush();
      this.#save('last');
      this.#post({ type: 'paused' });
      while (command() === trainerCommands.pause) {
        Atomics.wait(this.#command, trainerControl.command, trainerCommands.pause);
      }
      if (command() === trainerCommands.run) this.#post({ type: 'resumed' });
    }
    return command() !== trainerCommands.stop;
  }

  #save(kind: 'last' | 'best'): void {
    const { step } = this.#progress;
    // A checkpoint's file is never written twice: who keeps the run records the new one, then drops the old.
    const path = join(this.#options.folder, `${kind}-${step}.safetensors`);
    const optimizer = kind === 'last' ? this.#session.optimizerState() : [];
    writeCheckpoint(path, [...this.#session.weights(), ...optimizer], this.#progress);
    if (kind === 'last') this.#checkpointed = performance.now();
    this.#post({ type: 'checkpoint', kind, path, step, epoch: Math.floor(step / this.#stepsPerEpoch) });
  }

  #flush(): void {
    const now = performance.now();
    if (this.#pending.length > 0) {
      const images = this.#pending.length * this.#options.document.training.batchSize;
      this.#post({ type: 'steps', points: this.#pending, rate: images / ((now - this.#reported) / 1000) });
    }
    this.#pending = [];
    this.#reported = now;
  }
}
