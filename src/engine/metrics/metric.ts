/** What a metric is: figures computed from a split's evaluation. One metric, one file. */
import type { Answer } from '../graph/document.ts';
import type { Evidence } from './evidence.ts';

export interface Metric {
  /** The kinds of answer that it applies to. */
  readonly answers: readonly Answer[];
  /** By name, as curves and tables show them: `accuracy`. Figures that are undefined are left out. */
  of(evidence: Evidence): Readonly<Record<string, number>>;
}
