/**
 * What an illness of a run is: how it is recognised from the recorded figures, what it means, and its remedies. One
 * illness, one file. The rules are heuristics that prefer missing a case to a false alarm.
 */
import type { ProjectDocument } from '../graph/document.ts';
import type { RecordedRun } from './recordedRun.ts';
import type { Remedy } from './remedy.ts';

export interface Illness {
  /** Stable, kebab-case. */
  readonly name: string;
  readonly title: string;
  /** What was observed and what it means, in two sentences; undefined where the run does not have it. */
  recognise(run: RecordedRun): string | undefined;
  /**
   * The remedies for a document, which may have changed since the run, best first; undefined for those that are applied
   * already.
   */
  remedies(run: RecordedRun, document: ProjectDocument): readonly (Remedy | undefined)[];
  /** Illnesses that cause this one: where one of them is found, this one is not reported. */
  readonly explainedBy: readonly string[];
}
