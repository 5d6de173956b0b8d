/**
 * Runs and sweeps, as the window and the studio speak of them. Types, no code. Curves are pulled: an event says how far a
 * run is, the window asks for what it lacks. That is the back-pressure.
 */
import type { Answer, NodeId, ProjectDocument } from '../engine/graph/document.ts';
import type { LayerHealth } from '../engine/graph/healthFindings.ts';
import type { Split } from './datasetCalls.ts';
import type { Id, Time } from './ids.ts';
import type { Project } from './projectCalls.ts';

/** `queued`: it waits for its turn. */
export type RunState = 'queued' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed' | 'crashed';

export interface RunSummary {
  id: Id;
  name: string;
  project: Id | null;
  projectName: string;
  dataset: string;
  state: RunState;
  /** Why it failed, in plain words. */
  error: string | null;
  startedAt: Time;
  endedAt: Time | null;
  /** Training time in seconds, pauses left out. */
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
  /** What a person wrote about it. */
  notes: string;
  tags: string[];
  /** Put away: not shown unless asked for. */
  archived: boolean;
  /** The sweep that it is part of, and its name. */
  sweep: Id | null;
  sweepName: string | null;
  /** Where it stands among those that wait, the smallest first; null when it does not wait. */
  queuePlace: number | null;
  /** The run whose weights it began with. */
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

/** Records with mostly the same names, which are told once. */
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

/** What a person says about runs; a missing field stays as it is. */
export interface RunAnnotation {
  notes?: string | undefined;
  tags?: string[] | undefined;
  archived?: boolean | undefined;
}

export type SweepStrategy = 'grid' | 'random' | 'halving';

/** Which runs a sweep is made of. */
export interface SweepPlan {
  /** By the setting's path, as `optimizer.momentum` or `conv1.outChannels`: its values. */
  fields: { path: string; values: (number | string | boolean)[] }[];
  strategy: SweepStrategy;
  /** How many of the combinations; all where it is null, as a grid is. */
  samples: number | null;
  /** Of the choice of combinations. */
  seed: number;
  /** Each combination is trained with so many seeds. */
  repeats: number;
  /** Of halving: epochs of the first round and of the last, and how many go on: one in `factor`. */
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

/** How layers fared at a step, counted from 1. Looked at every hundredth. */
export interface RunHealth {
  step: number;
  nodes: LayerHealth[];
}

/** How a split was answered, last. */
export interface RunEvaluation {
  split: Split;
  epoch: number;
  /** The dataset, where it is still here as it was; else its images cannot be shown. */
  dataset: Id | null;
  images: number;
  heads: EvaluatedHead[];
}

export interface EvaluatedHead {
  answer: Answer;
  classes: readonly string[];
  /** By true class, then by answered class: images, or pixels of masks; of boxes there is none. */
  confusion: number[][];
  perClass: { precision: number; recall: number; f1: number; support: number }[];
}

/** Some images of the validation (of the training, where there are no others), and what the network says of them. */
export interface RunSamples {
  /** After which step it was asked. */
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

/** One image of a split and how it was answered. */
export interface AnsweredImage {
  index: number;
  path: string;
  label: number;
  /** Null where no class was answered, or the run is from before answers were kept. */
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

/** How two runs answered the same images, rightly or wrongly. */
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
  /** How its layers fared last; null where that was not after the given step. */
  runHealth(id: Id, after: number): Promise<RunHealth | null>;
  /** Null where the split was not evaluated yet. */
  runEvaluation(id: Id, split: Split): Promise<RunEvaluation | null>;
  /** Null where nothing was asked yet, or the dataset is not here any more as it was. */
  runSamples(id: Id): Promise<RunSamples | null>;
  renameRun(id: Id, name: string): Promise<void>;
  /** A run for each of so many seeds, from the project's on, after those that wait. */
  queueRuns(options: { project: Id; seeds: number }): Promise<void>;
  /**
   * Trains the project from the best weights of a run, where names and shapes are the same, with some layers frozen and
   * another learning rate; when its turn comes.
   */
  fineTune(options: { project: Id; origin: Id; frozen: NodeId[]; learningRate: number }): Promise<RunSummary>;
  /** Lets a run go on to more epochs, from where it ended. */
  extendRun(id: Id, epochs: number): Promise<void>;
  /** Puts a run that waits in front of another; null: last. */
  moveQueued(id: Id, before: Id | null): Promise<void>;
  cancelQueued(ids: Id[]): Promise<void>;
  startSweep(options: { project: Id; name: string | null; plan: SweepPlan }): Promise<void>;
  /** A project as the run was trained; and a sentence where the data is not what it was. */
  restoreRun(id: Id): Promise<{ project: Project; warning: string | null }>;
  /** Images of a split, those of the largest loss first. */
  answeredImages(id: Id, query: AnsweredQuery): Promise<{ total: number; images: AnsweredImage[] }>;
  /** Rejects where the two were not tried on the same images. */
  pairedAnswers(first: Id, second: Id, split: Split): Promise<PairedAnswers>;
  annotateRuns(ids: Id[], annotation: RunAnnotation): Promise<void>;
  /** They can be brought back until the studio is started the next time. */
  deleteRuns(ids: Id[]): Promise<void>;
  bringBackRuns(ids: Id[]): Promise<void>;
}
