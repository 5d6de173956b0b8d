/**
 * The training loop: batches in the order that seed and epoch give, one program run per step, or several where an
 * update learns from several; validation after each epoch, the test at the end. Synchronous; it runs in a thread
 * of its own and says what happens by messages. Between steps it looks at the control words.
 */
import { join } from 'node:path';
import { SafetensorsError } from '../formats/safetensors.ts';
import { type Schedule, scheduledRate } from '../schedules/scheduledRate.ts';
import { loadBackend } from './backend.ts';
import { Batches } from './batches.ts';
import {
  begun,
  type CheckpointProgress,
  hashWeights,
  readCheckpoint,
  readTensors,
  type TensorsByName,
  writeCheckpoint,
} from './checkpoint.ts';
import { type Evaluation, evaluateSplit } from './evaluating.ts';
import { whereItBegan } from './findDivergence.ts';
import { type KeptFeatures, keepFeatures } from './keptFeatures.ts';
import { Health } from './measureHealth.ts';
import { shuffled } from './philox.ts';
import { startWorkers } from './pool.ts';
import { Sampler } from './sampling.ts';
import { type Hyper, Session } from './session.ts';
import { measured, type StepResults } from './stepResults.ts';
import {
  type EvaluationReport,
  failed,
  type StepReport,
  type TrainerMessage,
  type TrainerOptions,
  trainerCommands,
  trainerControl,
} from './trainerMessages.ts';
import { compileForTraining, normalize, scheduleOf } from './trainingModel.ts';
import { restWhileHeld, whenThereIsRoom } from './waitForDisk.ts';

/** Points are sent together, at most this many milliseconds late. */
const REPORT_MS = 100;
/** Between two checkpoints within an epoch. */
const CHECKPOINT_MS = 20_000;
/** Steps between two measurements of the layers' health: rare enough not to cost time. */
export const HEALTH_STEPS = 100;

/** Trains to the end, or until it is told to stop. Never throws: a failure is a message. */
export function train(options: TrainerOptions, post: (message: TrainerMessage) => void): void {
  let trainer: Trainer | undefined;
  try {
    trainer = new Trainer(options, post);
    trainer.run();
  } catch (error) {
    post(failed(error));
  } finally {
    trainer?.close();
  }
}

class Trainer {
  readonly #options: TrainerOptions;
  readonly #post: (message: TrainerMessage) => void;
  readonly #session: Session;
  readonly #health: Health;
  readonly #batches: Batches;
  readonly #sampler: Sampler;
  readonly #command: Int32Array;
  readonly #schedule: Schedule;
  readonly #stepsPerEpoch: number;
  #progress: CheckpointProgress = { ...begun };
  #metrics: Record<string, number> = {};
  #features: KeptFeatures | undefined;
  #pending: StepReport[] = [];
  #reported = performance.now();
  #checkpointed = performance.now();
  /** The step whose last checkpoint is on the disk. */
  #keptStep = -1;
  /** Whether the best weights that the progress tells of are on the disk. */
  #isBestKept = true;

  constructor(options: TrainerOptions, post: (message: TrainerMessage) => void) {
    const { document, data, backend, threads, control } = options;
    const { training } = document;
    this.#options = options;
    this.#post = post;
    this.#command = new Int32Array(control);
    startWorkers(threads);
    this.#session = new Session(compileForTraining(document), loadBackend(backend), threads);
    this.#health = new Health(this.#session, document);
    normalize(this.#session, document, data);
    this.#session.initialise(training.seed);
    this.#batches = new Batches(data, this.#session);
    this.#sampler = new Sampler(this.#session, this.#batches, data);
    this.#stepsPerEpoch = Math.ceil(data.splits.train.length / training.batchSize);
    this.#schedule = scheduleOf(training, this.#stepsPerEpoch);
  }

  get steps(): number {
    return this.#stepsPerEpoch * this.#options.document.training.epochs;
  }

  run(): void {
    this.#begin();
    while (this.#progress.step < this.steps && !this.#isStale()) {
      if (this.#trainEpoch(Math.floor(this.#progress.step / this.#stepsPerEpoch))) continue;
      this.#end('stopped');
      return;
    }
    this.#end('finished');
  }

  close(): void {
    this.#session.close();
    this.#batches.close();
  }

  /** Apart from the constructor, so that whatever a checkpoint holds, what was made is closed. */
  #begin(): void {
    const { document, threads, resumeFrom, initialFrom } = this.#options;
    if (resumeFrom) this.#restore(resumeFrom);
    else if (initialFrom) this.#adopt(initialFrom);
    const { epochs } = document.training;
    // After more epochs were added, patience counts anew.
    if (epochs > this.#progress.epochs) this.#progress.sinceBest = 0;
    this.#progress.epochs = epochs;
    const bytes = Session.bytes(this.#session.model, threads);
    const { step } = this.#progress;
    this.#post({ type: 'start', step, steps: this.steps, stepsPerEpoch: this.#stepsPerEpoch, bytes });
    // Not before the weights are those that it trains with: features depend on them.
    this.#features = keepFeatures(this.#options, this.#session, this.#batches, this.#post);
  }

  /** Whether early stopping applies: `patience` epochs without improvement. */
  #isStale(): boolean {
    const { patience } = this.#options.document.training.stopping;
    return patience > 0 && this.#progress.sinceBest >= patience;
  }

  #restore(path: string): void {
    let missing: readonly string[] = [];
    this.#progress = this.#read(path, tensors => {
      missing = this.#session.restore(tensors);
    });
    if (missing[0])
      throw new SafetensorsError(
        `The checkpoint does not fit this network: ${missing[0]} is missing, or of another shape.`,
      );
    this.#keptStep = this.#progress.step;
  }

  #read(path: string, restore: (tensors: TensorsByName) => void): CheckpointProgress {
    return readCheckpoint(path, restore, new Uint8Array(this.#session.room().buffer));
  }

  #adopt(path: string): void {
    if (this.#session.adopt(readTensors(path)) > 0) return;
    throw new Error(
      'None of the weights that it was to begin with fit this network: no name and shape is the same.',
    );
  }

  /** @returns false when it was told to stop */
  #trainEpoch(epoch: number): boolean {
    const { data, document } = this.#options;
    const { batchSize, seed } = document.training;
    const order = shuffled(data.splits.train, seed, epoch);
    const batchAt = (i: number) => order.subarray(i * batchSize, (i + 1) * batchSize);
    const first = this.#progress.step % this.#stepsPerEpoch;
    if (first === 0) this.#features?.epochBegins();
    for (let i = first; i < this.#stepsPerEpoch; i++) {
      if (!this.#mayGoOn()) return false;
      if (this.#sampler.isDue) this.#sample();
      this.#trainStep(batchAt(i), i + 1 < this.#stepsPerEpoch ? batchAt(i + 1) : data.splits.val, epoch);
      // The last step of an epoch is saved with its validation, below.
      if (i + 1 < this.#stepsPerEpoch && this.#isCheckpointDue()) this.#save('last');
    }
    this.#flush();
    this.#endEpoch(epoch);
    return true;
  }

  #isCheckpointDue(): boolean {
    const { checkpointSteps } = this.#options;
    if (checkpointSteps !== undefined) return this.#progress.step % checkpointSteps === 0;
    return performance.now() - this.#checkpointed > CHECKPOINT_MS;
  }

  /** @param next the images that come after these */
  #trainStep(batch: Int32Array, next: Int32Array, epoch: number): void {
    const started = performance.now();
    const progress = this.#progress;
    const isWatched = this.#isWatched();
    const learningRate = this.#learningRate();
    const { lossSum, scoreSum } = this.#learn(batch, next, epoch, learningRate);
    progress.step++;
    progress.images += batch.length;
    progress.lossSum += lossSum;
    progress.correct += scoreSum;
    progress.seconds += (performance.now() - started) / 1000;
    const [loss, accuracy] = [lossSum / batch.length, scoreSum / batch.length];
    this.#pending.push({ step: progress.step, loss, accuracy, learningRate, seconds: progress.seconds });
    if (isWatched) {
      this.#post({ type: 'health', step: progress.step, nodes: this.#health.look() });
    }
    this.#features?.look();
    if (performance.now() - this.#reported > REPORT_MS) this.#flush();
  }

  #isWatched(): boolean {
    return this.#progress.step % HEALTH_STEPS === 0;
  }

  /** One update, from the batch in as many parts as it is computed in. */
  #learn(batch: Int32Array, next: Int32Array, epoch: number, learningRate: number): StepResults {
    const { seed, accumulate } = this.#options.document.training;
    const { batch: size } = this.#session.model;
    const { step } = this.#progress;
    const sums: StepResults = { lossSum: 0, scoreSum: 0 };
    this.#session.clearGradients();
    for (let from = 0, part = 0; from < batch.length; from += size, part++) {
      const images = batch.subarray(from, from + size);
      const isLast = from + size >= batch.length;
      const following = isLast ? next : batch.subarray(from + size);
      // Units of layers that do not learn are looked at once, while their outputs are computed.
      const anew = this.#isWatched() && !this.#health.isKnown;
      this.#batches.load(images, following.subarray(0, size), anew);
      // Each part draws numbers of its own.
      const drawn = step * accumulate + part;
      const hyper = { learningRate, seed, step: drawn, epoch, updates: step, total: batch.length };
      const learns = this.#isWatched() ? 'watch' : 'train';
      this.#session.run(isLast ? learns : 'accumulate', images.length, hyper);
      if (this.#session.halted) this.#fail(images, hyper);
      const { lossSum, scoreSum } = measured(this.#session, images.length);
      sums.lossSum += lossSum;
      sums.scoreSum += scoreSum;
    }
    return sums;
  }

  /** @throws Error that says where the loss stopped being a number */
  #fail(images: Int32Array, hyper: Hyper): never {
    this.#flush();
    const { document, data, backend, threads } = this.#options;
    const loss = this.#session.losses.subarray(0, images.length).find(each => !Number.isFinite(each));
    const weights = this.#session.weights();
    const where = whereItBegan({ document, data, images, hyper, backend, threads, weights });
    throw new Error(
      `The loss became ${loss} at step ${this.#progress.step + 1}: training diverged. ${where}Lower the learning rate, or clip the gradients.`,
    );
  }

  /** By the schedule, times what was changed by hand: from there the schedule goes on. */
  #learningRate(): number {
    const progress = this.#progress;
    const scheduled = scheduledRate(this.#schedule, {
      step: progress.step,
      steps: this.steps,
      stepsPerEpoch: this.#stepsPerEpoch,
      losses: progress.losses,
    });
    const word = new Int32Array(1);
    word[0] = Atomics.exchange(this.#command, trainerControl.learningRate, 0);
    const wanted = new Float32Array(word.buffer)[0]!;
    if (wanted > 0 && scheduled > 0) {
      progress.rateFactor = wanted / scheduled;
      // What was changed by hand must outlast a crash.
      this.#save('last');
    }
    return scheduled * progress.rateFactor;
  }

  #endEpoch(epoch: number): void {
    const { stopping } = this.#options.document.training;
    const progress = this.#progress;
    const validation = this.#evaluate('val');
    this.#features?.epochEnds();
    const trainLoss = progress.lossSum / progress.images;
    const trainAccuracy = progress.correct / progress.images;
    Object.assign(progress, { images: 0, lossSum: 0, correct: 0 });
    const point = {
      epoch: epoch + 1,
      step: progress.step,
      trainLoss,
      trainAccuracy,
      valLoss: validation?.loss ?? null,
      valAccuracy: validation?.score ?? null,
      metrics: validation?.figures ?? {},
    };
    Object.assign(this.#metrics, { 'train.loss': trainLoss, 'train.accuracy': trainAccuracy });
    this.#post({ type: 'epoch', point });
    this.#sample();
    const loss = validation?.loss ?? trainLoss;
    progress.losses = [...progress.losses, loss];
    const judged = stopping.metric === 'loss' ? -loss : (validation?.score ?? trainAccuracy);
    // An epoch whose figure is NaN is better than none, and worse than any other.
    const goodness = Number.isFinite(judged) ? judged : -Number.MAX_VALUE;
    const isBest = progress.best === null || goodness > progress.best;
    if (isBest) Object.assign(progress, { best: goodness, bestStep: progress.step, sinceBest: 0 });
    else progress.sinceBest++;
    // The best one first: a run that is taken up again at the end of this epoch must find it.
    this.#isBestKept = !isBest || this.#withAverages(() => this.#save('best'));
    this.#save('last');
  }

  /**
   * Where the last checkpoint could not be written, because the disk was full until the run was stopped, it ends as
   * stopped.
   */
  #end(reached: 'finished' | 'stopped'): void {
    this.#flush();
    if (reached === 'stopped') this.#save('last');
    const isKept = this.#keptStep === this.#progress.step;
    const state = isKept ? reached : 'stopped';
    const { bestStep, best } = this.#progress;
    const goesBack =
      state === 'finished' && this.#options.document.training.stopping.restoreBest && best !== null;
    if (goesBack) {
      this.#read(this.#pathOf('best', bestStep), tensors => this.#session.restore(tensors));
      this.#metrics['best.epoch'] = bestStep / this.#stepsPerEpoch;
    }
    if (state === 'finished') this.#evaluate('test', !goesBack);
    const weightHash = isKept ? hashWeights(this.#session.weightSources()) : null;
    this.#post({ type: 'end', state, metrics: this.#metrics, weightHash, seconds: this.#progress.seconds });
  }

  /** Evaluates a split, with the average of the weights where there is one. */
  #evaluate(split: EvaluationReport['split'], averaged = true): Evaluation | null {
    const evaluate = () => evaluateSplit(this.#session, this.#batches, this.#options.data, split);
    const evaluation = averaged ? this.#withAverages(evaluate) : evaluate();
    if (!evaluation) return null;
    const { figures, score, report } = evaluation;
    // For boxes and masks `accuracy` is the mean of their scores.
    for (const [name, value] of Object.entries({ accuracy: score, ...figures }))
      this.#metrics[`${split}.${name}`] = value;
    const { step } = this.#progress;
    this.#post({ type: 'evaluation', epoch: Math.floor(step / this.#stepsPerEpoch), step, report });
    return evaluation;
  }

  #sample(): void {
    const images = this.#withAverages(() => this.#sampler.ask());
    this.#post({ type: 'samples', samples: { step: this.#progress.step, images } });
  }

  #withAverages<T>(work: () => T): T {
    this.#session.exchangeAverages();
    try {
      return work();
    } finally {
      this.#session.exchangeAverages();
    }
  }

  /** Waits while paused. @returns false when told to stop */
  #mayGoOn(): boolean {
    const command = () => Atomics.load(this.#command, trainerControl.command);
    restWhileHeld(this.#command);
    if (command() === trainerCommands.pause) {
      this.#flush();
      this.#save('last');
      this.#post({ type: 'paused' });
      this.#features?.epochBreaks();
      while (command() === trainerCommands.pause)
        Atomics.wait(this.#command, trainerControl.command, trainerCommands.pause);
      if (command() === trainerCommands.run) this.#post({ type: 'resumed' });
    }
    return command() !== trainerCommands.stop;
  }

  #pathOf(kind: 'last' | 'best', step: number): string {
    return join(this.#options.folder, `${kind}-${step}.safetensors`);
  }

  /** @returns false where the disk had no room until it was told to stop: the run stands where its last checkpoint does */
  #save(kind: 'last' | 'best'): boolean {
    if (kind === 'last' && !this.#isBestKept) return false;
    const { step } = this.#progress;
    // A checkpoint's file is never written twice: who keeps the run records the new one, then drops the old.
    const path = this.#pathOf(kind, step);
    const optimizer = kind === 'last' ? this.#session.optimizerSources() : [];
    const tensors = [...this.#session.weightSources(), ...optimizer];
    const write = () => writeCheckpoint(path, tensors, this.#progress);
    if (!whenThereIsRoom(write, path, tensors, this.#command, this.#post)) return false;
    if (kind === 'last') {
      this.#checkpointed = performance.now();
      this.#keptStep = step;
    }
    this.#post({ type: 'checkpoint', kind, path, step, epoch: Math.floor(step / this.#stepsPerEpoch) });
    return true;
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
