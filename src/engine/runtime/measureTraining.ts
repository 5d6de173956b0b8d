/**
 * Forecasts a training's cost: a few real steps give the time, and compiling gives the exact memory, from which the
 * largest batch follows. The weights are discarded.
 */
import type { ProjectDocument } from '../graph/document.ts';
import { loadBackend } from './backend.ts';
import { Batches } from './batches.ts';
import { chooseBackend } from './chooseBackend.ts';
import { largestMemory } from './memory.ts';
import { shuffled } from './philox.ts';
import { Session } from './session.ts';
import type { TrainingData } from './trainingData.ts';
import { compileForTraining, normalize } from './trainingModel.ts';

export interface TrainingMeasurement {
  /** Seconds per step, with reading its images: the median. */
  readonly step: number;
  /** Seconds per epoch, including validation. */
  readonly epoch: number;
  /** Seconds of every epoch after the first, on features that are kept; null where none can be. */
  readonly keptEpoch: number | null;
  readonly imagesPerSecond: number;
}

export interface LargestBatch {
  readonly batchSize: number;
  /** Bytes of memory with this batch. */
  readonly bytes: number;
  /** The limit in bytes. */
  readonly limit: number;
  /** Whether the batch is limited by the number of training images rather than by memory. */
  readonly all: boolean;
}

/** Measuring ends after so many seconds, but not before three steps. */
const MEASURED_SECONDS = 1.2;
const LEAST_MEASURED_STEPS = 3;
const MOST_MEASURED_STEPS = 30;

/** Times steps as training does them, on images of the first epoch. The first step is a warm-up and does not count. */
export function measure(document: ProjectDocument, data: TrainingData, threads: number): TrainingMeasurement {
  const { training } = document;
  const { batchSize } = training;
  const { name } = chooseBackend(training.computing.backend);
  const session = new Session(compileForTraining(document), loadBackend(name), threads);
  const batches = new Batches(data, session);
  try {
    normalize(session, document, data);
    session.initialise(training.seed);
    const order = shuffled(data.splits.train, training.seed, 0);
    const steps = Math.ceil(order.length / batchSize);
    const train = (step: number, loads = true) => {
      const at = (step % steps) * batchSize;
      trainStep(session, loads ? batches : null, order.subarray(at, at + batchSize), step, document);
    };
    train(0);
    const step = median(timed(i => train(i + 1)));
    const validation = data.splits.val.subarray(0, session.model.batch);
    const evaluate = (loads = true) => {
      if (loads) batches.load(validation);
      session.run('evaluate', validation.length);
    };
    const evaluations = Math.ceil(data.splits.val.length / session.model.batch);
    const evaluated = (loads: boolean) =>
      evaluations === 0 ? 0 : evaluations * median(timed(() => evaluate(loads)));
    const epoch = steps * step + evaluated(true);
    // Reading features takes next to nothing: those of the batch at hand stand for all.
    const keptEpoch = session.features
      ? steps * median(timed(i => train(i + 1, false))) + evaluated(false)
      : null;
    return { step, epoch, keptEpoch, imagesPerSecond: Math.min(batchSize, order.length) / step };
  } finally {
    session.close();
    batches.close();
  }
}

function trainStep(
  session: Session,
  batches: Batches | null,
  images: Int32Array,
  step: number,
  { training: { learningRate, seed } }: ProjectDocument,
): void {
  session.clearGradients();
  for (let from = 0; from < images.length; from += session.model.batch) {
    const part = images.subarray(from, from + session.model.batch);
    const isLast = from + session.model.batch >= images.length;
    batches?.load(part);
    session.run(isLast ? 'train' : 'accumulate', part.length, {
      learningRate,
      seed,
      step,
      total: images.length,
    });
  }
}

/** The duration of each call, in seconds. */
function timed(turn: (i: number) => void): number[] {
  const times: number[] = [];
  for (
    let sum = 0;
    times.length < LEAST_MEASURED_STEPS || (sum < MEASURED_SECONDS && times.length < MOST_MEASURED_STEPS);
    sum += times.at(-1)!
  ) {
    const started = performance.now();
    turn(times.length);
    times.push((performance.now() - started) / 1000);
  }
  return times;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/**
 * The largest batch that fits into memory, with the document's gradient accumulation, at most the number of training
 * images.
 * @param available bytes of memory that the machine can give
 * @returns null where not even one image fits
 */
export function largestBatch(
  document: ProjectDocument,
  images: number,
  threads: number,
  available: number,
): LargestBatch | null {
  const limit = Math.min(available, largestMemory(chooseBackend(document.training.computing.backend).name));
  const { accumulate } = document.training;
  const bytesOf = (batchSize: number) =>
    Session.bytes(
      compileForTraining({ ...document, training: { ...document.training, batchSize } }),
      threads,
    );
  // Bisection between the largest known to fit and the smallest known not to.
  let [fits, tooLarge] = [0, images + 1];
  for (let tried = Math.max(accumulate, document.training.batchSize); tooLarge - fits > 1; ) {
    const next = Math.min(Math.max(tried, fits + 1), tooLarge - 1);
    if (bytesOf(next) <= limit) fits = next;
    else tooLarge = next;
    tried = tooLarge > images ? 2 * fits : Math.floor((fits + tooLarge) / 2);
  }
  if (fits === 0) return null;
  return { batchSize: fits, bytes: bytesOf(fits), limit, all: fits === images };
}
