/**
 * What an illness of a run is: how it is recognised in what the run recorded, what it means, and what helps. One
 * illness, one file. Rules of thumb that would rather miss a case than cry wolf.
 */
import type { ProjectDocument } from '../graph/document.ts';
import type { RecordedRun } from './recordedRun.ts';
import type { Remedy } from './remedy.ts';

export interface Illness {
  /** Stable, kebab-case. */
  readonly name: string;
  readonly title: string;
  /** What was seen and what it means, two sentences; undefined where the run does not have it. */
  recognise(run: RecordedRun): string | undefined;
  /** For a document that may have changed since, the best first; undefined in the place of what it has already. */
  remedies(run: RecordedRun, document: ProjectDocument): readonly (Remedy | undefined)[];
  /** Names of illnesses that explain this one: where one of them is found, this one is not told. */
  readonly explainedBy: readonly string[];
}
