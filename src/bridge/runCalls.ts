/**
 * Calls and types for runs and sweeps. Types only. Curves are pulled: an event reports the progress, and the window
 * requests the missing points, which gives backpressure.
 */
import type { Answer, NodeId, ProjectDocument } from '../engine/graph/document.ts';
import type { LayerHealth } from '../engine/graph/healthFindings.ts';
import type { Split } from './datasetCalls.ts';
import type { Id, Time } from './ids.ts';
import type { Project } from './projectCalls.ts';

/** `queued`: waits in the queue. */
export type RunState = 'queued' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed' | 'crashed';

export interface RunSummary {
  id: Id;
  name: string;
  project: Id | null;
  projectName: string;
  dataset: string;
  state: RunState;
  /** The error message. */
  error: string | null;
  startedAt: Time;
  endedAt: Time | null;
  /** Training time in seconds, without pauses. */
  seconds: number;
  epoch: number;
  epochs: number;
  step: number;
  steps: number;
  /** Images per second over the last moments; 0 when it does not run. */
  rate: number;
  /** While it is under way, what is said of the features that it keeps; missing where it keeps none. */
  features?: string;
  parameters: number;
  /** The settings that can differ between runs, flat: `optimizer.momentum`. */
  settings: Record<string, number | string | boolean>;
  /** The last value of each metric: `train.loss`, `val.accuracy`, `test.accuracy`. */
  metrics: Record<string, number>;
  /** SHA-256 of the final weights; null until it ended. */
  weightHash: string | null;
  /** The user's notes. */
  notes: string;
  tags: string[];
  /** Hidden by default. */
  archived: boolean;
  /** The sweep that it is part of, and its name. */
  sweep: Id | null;
  sweepName: string | null;
  /** Position in the queue, smallest first; null where it is not queued. */
  queuePlace: number | null;
  /** The run whose weights it started from. */
  origin: Id | null;
}

/** Where a page begins: after this run, the newest first. */
export interface RunCursor {
  startedAt: Time;
  id: Id;
}

export interface RunPage {
  runs: Omit<RunSummary, 'settings' | 'metrics'>[];
  /** Of each run. */
  settings: NamedValues<number | string | boolean>;
  metrics: NamedValues<number>;
  /** Where the next page begins; null where this is the last. */
  next: RunCursor | null;
}

/** Records that mostly have the same names, which are sent once. */
export interface NamedValues<T> {
  /** Every list of names that some run has. */
  lists: string[][];
  /** Of each run, which list is its own, and its values in that order. */
  rows: { list: number; values: T[] }[];
}

export interface RunDetail extends RunSummary {
  document: ProjectDocument;
  environment: Record<string, string>;
  /** SHA-256 over the dataset's images, labels and split. */
  dataFingerprint: string;
}

/** A user's annotations; missing fields stay. */
export interface RunAnnotation {
  notes?: string | undefined;
  tags?: string[] | undefined;
  archived?: boolean | undefined;
}

export type SweepStrategy = 'grid' | 'random' | 'halving';

/** The definition of a sweep. */
export interface SweepPlan {
  /** By the setting's path, as `optimizer.momentum` or `conv1.outChannels`: its values. */
  fields: { path: string; values: (number | string | boolean)[] }[];
  strategy: SweepStrategy;
  /** The number of combinations; null: all (grid search). */
  samples: number | null;
  /** The seed for choosing combinations. */
  seed: number;
  /** The number of seeds per combination. */
  repeats: number;
  /** Successive halving: epochs of the first and the last round; one in `factor` continues. */
  halving: { epochs: number; full: number; factor: number } | null;
}

/** Curves as columns of equal length. Every step has a point; epochs follow the validation. */
export interface RunMetrics {
  steps: { step: number[]; loss: number[]; accuracy: number[]; learningRate: number[]; seconds: number[] };
  epochs: {
    epoch: number[];
    step: number[];
    trainLoss: number[];
    trainAccuracy: number[];
    valLoss: (number | null)[];
    valAccuracy: (number | null)[];
    /** Every figure of the validation, by name. */
    metrics: Record<string, number>[];
  };
}

/** Health figures of the layers at a step (counted from 1), measured every hundredth step. */
export interface RunHealth {
  step: number;
  nodes: LayerHealth[];
}

/** The latest evaluation of a split. */
export interface RunEvaluation {
  split: Split;
  epoch: number;
  /** The dataset, if that version still exists; else its images cannot be shown. */
  dataset: Id | null;
  images: number;
  heads: EvaluatedHead[];
}

export interface EvaluatedHead {
  answer: Answer;
  classes: readonly string[];
  /** Confusion matrix by true class, then predicted class: images, or pixels of masks; empty for boxes. */
  confusion: number[][];
  perClass: { precision: number; recall: number; f1: number; support: number }[];
}

/** The network's outputs for a few validation images (training images if there are none). */
export interface RunSamples {
  /** The step of the evaluation. */
  step: number;
  dataset: Id;
  images: SampleImage[];
}

export interface SampleImage {
  index: number;
  label: number;
  /** Left, top, right, bottom, as shares of width and height; null where the dataset has none. */
  box: number[] | null;
  /** A class for each pixel, row after row; null where the dataset has none. */
  mask: Uint8Array | null;
  answers: {
    answer: Answer;
    /** Height and width of a mask; else how many numbers. */
    shape: readonly number[];
    /** Probabilities of the classes; a box as `box` is; a class for each pixel. */
    values: readonly number[];
  }[];
}

/** An image of a split with its prediction. */
export interface AnsweredImage {
  index: number;
  path: string;
  label: number;
  /** Null where there is no class, or for runs of versions that did not record predictions. */
  answered: number | null;
  loss: number;
}

export interface AnsweredQuery {
  split: Split;
  /** Of these images alone; null for all. */
  label: number | null;
  answered: number | null;
  offset: number;
  limit: number;
}

/** How many images two runs classified rightly or wrongly, jointly. */
export interface PairedAnswers {
  images: number;
  bothRight: number;
  onlyFirst: number;
  onlySecond: number;
  bothWrong: number;
}

export interface RunCalls {
  startRun(options: { project: Id; name: string | null }): Promise<RunSummary>;
  pauseRun(id: Id): Promise<void>;
  resumeRun(id: Id): Promise<void>;
  stopRun(id: Id): Promise<void>;
  setLearningRate(id: Id, learningRate: number): Promise<void>;
  run(id: Id): Promise<RunDetail>;
  /** A page of the history, the newest first. */
  earlierRuns(after: RunCursor): Promise<RunPage>;
  /** Points after the given step and epoch. */
  runMetrics(id: Id, after: { step: number; epoch: number }): Promise<RunMetrics>;
  /** The layers' latest health figures; null where there are none after the given step. */
  runHealth(id: Id, after: number): Promise<RunHealth | null>;
  /** Null where the split was not evaluated yet. */
  runEvaluation(id: Id, split: Split): Promise<RunEvaluation | null>;
  /** Null where nothing was asked yet, or the dataset is not here any more as it was. */
  runSamples(id: Id): Promise<RunSamples | null>;
  renameRun(id: Id, name: string): Promise<void>;
  /** Queues a run for each of several seeds, starting with the project's. */
  queueRuns(options: { project: Id; seeds: number }): Promise<void>;
  /**
   * Queues a fine-tuning: trains the project from a run's best weights, where names and shapes agree, with some layers
   * frozen and another learning rate.
   */
  fineTune(options: { project: Id; origin: Id; frozen: NodeId[]; learningRate: number }): Promise<RunSummary>;
  /** Queues an ended run for more epochs. */
  extendRun(id: Id, epochs: number): Promise<void>;
  /** Moves a queued run before another; null: to the end. */
  moveQueued(id: Id, before: Id | null): Promise<void>;
  cancelQueued(ids: Id[]): Promise<void>;
  startSweep(options: { project: Id; name: string | null; plan: SweepPlan }): Promise<void>;
  /** Restores the project as it was trained, with a warning where the data have changed. */
  restoreRun(id: Id): Promise<{ project: Project; warning: string | null }>;
  /** Images of a split, those of the largest loss first. */
  answeredImages(id: Id, query: AnsweredQuery): Promise<{ total: number; images: AnsweredImage[] }>;
  /** Rejects where the two were not evaluated on the same images. */
  pairedAnswers(first: Id, second: Id, split: Split): Promise<PairedAnswers>;
  annotateRuns(ids: Id[], annotation: RunAnnotation): Promise<void>;
  /** Deleted runs can be restored until the studio is started again. */
  deleteRuns(ids: Id[]): Promise<void>;
  bringBackRuns(ids: Id[]): Promise<void>;
}
