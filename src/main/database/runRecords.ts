/** What is kept of runs, as the queries over them (runs.ts) take and give it. Types, no code. */
import type { Split } from '../../bridge/datasetCalls.ts';
import type { Id, Time } from '../../bridge/ids.ts';
import type { EvaluatedHead as Answered, RunDetail, SampleImage } from '../../bridge/runCalls.ts';

/** A run as it is kept: what a window sees, and what resuming needs. Its `rate` and what it says of features are of the moment, so not here. */
export interface RunRecord extends Omit<RunDetail, 'rate' | 'sweepName' | 'features'> {
  /** Null where the dataset was deleted since. */
  datasetId: Id | null;
  seed: number;
}

/** What changes while a run goes on. */
export type RunChange = Partial<
  Pick<
    RunRecord,
    | 'name'
    | 'state'
    | 'error'
    | 'epochs'
    | 'steps'
    | 'epoch'
    | 'step'
    | 'seconds'
    | 'endedAt'
    | 'weightHash'
    | 'metrics'
    | 'settings'
    | 'document'
    | 'environment'
    | 'startedAt'
    | 'notes'
    | 'tags'
    | 'archived'
    | 'queuePlace'
  >
>;

/** How a split was answered: what training reports of it, images in the order of the split. */
export interface StoredEvaluation {
  split: Split;
  epoch: number;
  step: number;
  heads: StoredHeadEvaluation[];
  losses: Float32Array;
  /** The class that each image was taken for; null where none was asked for, or none was kept. */
  predictions: Uint16Array | null;
}

/** One answer to it, and how well each image was answered. */
export interface StoredHeadEvaluation extends Answered {
  scores: number[];
}

/** What a network said of some images: what training reports of it. */
export interface KeptSamples {
  step: number;
  images: Pick<SampleImage, 'index' | 'answers'>[];
}

export interface Checkpoint {
  step: number;
  epoch: number;
  /** Relative to the workspace. */
  path: string;
  kind: string;
  createdAt: Time;
}
