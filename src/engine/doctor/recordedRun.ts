/** What a run recorded of itself, as the doctor reads it. Plain data: nothing here is looked up or computed. */
import type { Graph, Training } from '../graph/document.ts';
import type { LayerHealth } from '../graph/healthFindings.ts';

export interface RecordedRun {
  /** As it was trained. */
  readonly training: Training;
  readonly graph: Graph;
  /** Why it failed; null where it did not. */
  readonly error: string | null;
  /** Whether it goes on no more. */
  readonly ended: boolean;
  readonly steps: { readonly loss: readonly number[]; readonly learningRate: readonly number[] };
  readonly epochs: {
    readonly trainLoss: readonly number[];
    /** How well images were answered, 0 to 1. */
    readonly trainAccuracy: readonly number[];
    /** Null where nothing was validated. */
    readonly valLoss: readonly (number | null)[];
    readonly valAccuracy: readonly (number | null)[];
  };
  /** How the layers fared when they were looked at last; empty where they never were. */
  readonly health: readonly LayerHealth[];
  /** Training images of each class; null where nobody counted. */
  readonly classCounts: readonly number[] | null;
  /** Of the last validation, by class: the share of its images that were found; null where there is none. */
  readonly recalls: readonly number[] | null;
}
