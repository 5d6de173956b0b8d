/** The records of runs that the queries (runQueries.ts) take and return. Types only. */
import type { Split } from '../../bridge/datasetCalls.ts';
import type { Id, Time } from '../../bridge/ids.ts';
import type { EvaluatedHead as Answered, RunDetail, SampleImage } from '../../bridge/runCalls.ts';

/** A run as it is kept: what a window sees, and what resuming needs. Its `rate` and what it says of features are of the moment, so not here. */
export interface RunRecord extends Omit<RunDetail, 'rate' | 'sweepName' | 'features'> {
  /** Null where the dataset was deleted since. */
  datasetId: Id | null;
  seed: number;
}

/** The fields that change during a run. */
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

/** The evaluation of a split; images are in the order of the split. */
export interface StoredEvaluation {
  split: Split;
  epoch: number;
  step: number;
  heads: StoredHeadEvaluation[];
  losses: Float32Array;
  /** The predicted class of each image; null where there is none. */
  predictions: Uint16Array | null;
}

/** An answer with the metric of each image. */
export interface StoredHeadEvaluation extends Answered {
  scores: number[];
}

/** The outputs for the sample images. */
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
