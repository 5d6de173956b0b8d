/** What is tried out before a run, as the window and the studio speak of it. Types, no code. */
import type { ProjectDocument } from '../engine/graph/document.ts';
import type { Id } from './ids.ts';

export interface Forecast {
  /** Bytes of the memory that training will take, to the byte. */
  bytes: number;
  weightBytes: number;
  /** Gradients and what the optimizer keeps. */
  optimizerBytes: number;
  activationBytes: number;
  /** Bytes of a checkpoint to take weights from, and of one to go on from. */
  bestBytes: number;
  lastBytes: number;
  /** Bytes that are free where the workspace lies. */
  freeBytes: number;
}

/** What a few real steps told of a run that is not started yet. */
export interface Preflight {
  /** Seconds of one step, its images read with it. */
  step: number;
  /** Seconds of one epoch, its validation with it. */
  epoch: number;
  /** Seconds of every epoch after the first, on features that are kept; null where none can be. */
  keptEpoch: number | null;
  imagesPerSecond: number;
  /** The largest batch whose memory can be had; null where not a single image fits. */
  largest: {
    batchSize: number;
    bytes: number;
    /** What it had to fit into. */
    limit: number;
    /** Whether all training images fit into one batch. */
    all: boolean;
  } | null;
}

/** A short training with a rising learning rate: where the loss falls fastest is a good one. */
export interface RateSearch {
  project: Id;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  /** Of the whole search; it ends before where the loss gets out of hand. */
  steps: number;
  points: { learningRate: number; loss: number; smoothed: number }[];
  /** Null until it is done, and where the loss never fell. */
  suggestion: number | null;
  error: string | null;
}

export interface TrialCalls {
  forecast(document: ProjectDocument): Promise<Forecast>;
  /** Makes a few steps to tell what a run would take. Rejects while a run is under way. */
  preflight(document: ProjectDocument): Promise<Preflight>;
  /** Starts to look for a learning rate, of which events tell. */
  findLearningRate(options: { project: Id }): Promise<void>;
  /** Ends a preflight or a search. */
  cancelTrial(): Promise<void>;
}
