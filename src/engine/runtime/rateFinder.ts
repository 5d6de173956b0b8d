/**
 * The learning-rate finder: a short training with the rate rising exponentially. A good initial rate is where the loss
 * falls fastest. Smith: "Cyclical learning rates", 2015; fastai's `lr_find`.
 */
import type { ProjectDocument } from '../graph/document.ts';
import { loadBackend } from './backend.ts';
import { Batches } from './batches.ts';
import { readTensors } from './checkpoint.ts';
import { chooseBackend } from './chooseBackend.ts';
import { shuffled } from './philox.ts';
import { pretrainedFile } from './pretrainedFile.ts';
import { Session } from './session.ts';
import type { TrainingData } from './trainingData.ts';
import { compileForTraining, imagesPerRun, normalize } from './trainingModel.ts';

export interface RatePoint {
  readonly learningRate: number;
  readonly loss: number;
  /** An exponential moving average of the loss, with bias correction. */
  readonly smoothed: number;
}

export interface FoundRate {
  readonly points: readonly RatePoint[];
  /** The rate at which the smoothed loss falls fastest; null where it never falls. */
  readonly suggestion: number | null;
}

const LOWEST_RATE = 1e-6;
const HIGHEST_RATE = 10;
/** The decay of the moving average. */
const SMOOTHING = 0.95;
/** The search ends when the loss exceeds its minimum by this factor. */
const TOO_LARGE = 4;
/** Steps ignored at both ends: the first are noise, the last already diverge. */
const IGNORED_STEPS = 5;

/** Steps of a search; fewer where the loss explodes before. */
export const SEARCH_STEPS = 100;

/** @param onPoint called with each point as soon as it is known */
export function findRate(
  document: ProjectDocument,
  data: TrainingData,
  threads: number,
  steps = SEARCH_STEPS,
  onPoint: (point: RatePoint) => void = () => {},
): FoundRate {
  const { training } = document;
  const { name } = chooseBackend(training.computing.backend);
  const session = new Session(compileForTraining(document), loadBackend(name), threads);
  const batches = new Batches(data, session);
  try {
    normalize(session, document, data);
    session.initialise(training.seed);
    const begins = pretrainedFile(document);
    if (begins) session.adopt(readTensors(begins));
    const { seed } = training;
    return search({ session, batches, data, seed, size: imagesPerRun(document), steps, onPoint });
  } finally {
    session.close();
    batches.close();
  }
}

interface Search {
  readonly session: Session;
  readonly batches: Batches;
  readonly data: TrainingData;
  readonly seed: number;
  /** Images per step. */
  readonly size: number;
  readonly steps: number;
  readonly onPoint: (point: RatePoint) => void;
}

function search({ session, batches, data, seed, size, steps, onPoint }: Search): FoundRate {
  const points: RatePoint[] = [];
  const perEpoch = Math.ceil(data.splits.train.length / size);
  let [average, best] = [0, Number.POSITIVE_INFINITY];
  for (let step = 0; step < steps; step++) {
    const epoch = Math.floor(step / perEpoch);
    const at = (step % perEpoch) * size;
    const images = shuffled(data.splits.train, seed, epoch).subarray(at, at + size);
    const learningRate = LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** (step / (steps - 1));
    batches.load(images);
    session.clearGradients();
    session.run('train', images.length, { learningRate, seed, step, epoch });
    if (session.halted) break;
    let sum = 0;
    for (let i = 0; i < images.length; i++) sum += session.losses[i]!;
    const loss = sum / images.length;
    average = SMOOTHING * average + (1 - SMOOTHING) * loss;
    const smoothed = average / (1 - SMOOTHING ** (step + 1));
    points.push({ learningRate, loss, smoothed });
    onPoint(points.at(-1)!);
    best = Math.min(best, smoothed);
    if (smoothed > TOO_LARGE * best) break;
  }
  return { points, suggestion: steepest(points) };
}

/**
 * The rate at which the loss falls fastest. As rates grow by a constant factor, differences of the loss are slopes over
 * log(rate).
 */
function steepest(points: readonly RatePoint[]): number | null {
  let [slope, found]: [number, number | null] = [0, null];
  for (let i = IGNORED_STEPS; i < points.length - IGNORED_STEPS; i++) {
    const fall = points[i + 1]!.smoothed - points[i - 1]!.smoothed;
    if (fall < slope) [slope, found] = [fall, points[i]!.learningRate];
  }
  return found;
}
