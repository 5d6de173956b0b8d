/** The recorded figures of a run, as the doctor reads them. Plain data. */
import type { Graph, Training } from '../graph/document.ts';
import type { LayerHealth } from '../graph/healthFindings.ts';

export interface RecordedRun {
  /** The settings that it was trained with. */
  readonly training: Training;
  readonly graph: Graph;
  /** The error message; null where it did not fail. */
  readonly error: string | null;
  /** Whether it has ended. */
  readonly ended: boolean;
  readonly steps: { readonly loss: readonly number[]; readonly learningRate: readonly number[] };
  readonly epochs: {
    readonly trainLoss: readonly number[];
    /** The main metric, 0 to 1. */
    readonly trainAccuracy: readonly number[];
    /** Null for epochs without validation. */
    readonly valLoss: readonly (number | null)[];
    readonly valAccuracy: readonly (number | null)[];
  };
  /** The latest health figures of the layers; empty where there are none. */
  readonly health: readonly LayerHealth[];
  /** Training images per class; null where they were not counted. */
  readonly classCounts: readonly number[] | null;
  /** Recall of each class in the last validation; null where there is none. */
  readonly recalls: readonly number[] | null;
}
