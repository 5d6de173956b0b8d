/** What a metric is: figures of how well a split was answered. One metric, one file. */
import type { Answer } from '../graph/document.ts';
import type { Evidence } from './evidence.ts';

export interface Metric {
  /** The answers that it measures. */
  readonly answers: readonly Answer[];
  /** By name, as curves and tables show them: `accuracy`. A figure of which there is no evidence is left out. */
  of(evidence: Evidence): Readonly<Record<string, number>>;
}
