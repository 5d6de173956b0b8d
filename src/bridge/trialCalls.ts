/** Calls and types for measurements before a run. Types only. */
import type { ProjectDocument } from '../engine/graph/document.ts';
import type { Id } from './ids.ts';

export interface Forecast {
  /** The exact memory of the training, in bytes. */
  bytes: number;
  weightBytes: number;
  /** Gradients and optimizer state. */
  optimizerBytes: number;
  activationBytes: number;
  /** Size of a checkpoint for weights, and of one for resuming. */
  bestBytes: number;
  lastBytes: number;
  /** Bytes that are free where the workspace lies. */
  freeBytes: number;
}

/** Figures of a run, measured over a few steps. */
export interface Preflight {
  /** Seconds of one step, its images read with it. */
  step: number;
  /** Seconds of one epoch, its validation with it. */
  epoch: number;
  /** Seconds of every epoch after the first, on features that are kept; null where none can be. */
  keptEpoch: number | null;
  imagesPerSecond: number;
  /** The largest batch that fits into memory; null where not even one image does. */
  largest: {
    batchSize: number;
    bytes: number;
    /** The memory limit in bytes. */
    limit: number;
    /** Whether all training images fit into one batch. */
    all: boolean;
  } | null;
}

/** A learning-rate search: a short training with increasing rate. A good rate is where the loss falls fastest. */
export interface RateSearch {
  project: Id;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  /** Of the whole search, which ends early if the loss explodes. */
  steps: number;
  points: { learningRate: number; loss: number; smoothed: number }[];
  /** Null until it is done, and where the loss never fell. */
  suggestion: number | null;
  error: string | null;
}

export interface TrialCalls {
  forecast(document: ProjectDocument): Promise<Forecast>;
  /** Measures a few steps. Rejects while a run is active. */
  preflight(document: ProjectDocument): Promise<Preflight>;
  /** Starts a learning-rate search, reported by events. */
  findLearningRate(options: { project: Id }): Promise<void>;
  /** Ends a preflight or a search. */
  cancelTrial(): Promise<void>;
}
