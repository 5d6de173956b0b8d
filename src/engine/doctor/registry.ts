/** The registry of illnesses, most serious first, and the functions that check a run for all of them. */
import type { ProjectDocument } from '../graph/document.ts';
import { deadUnits } from './deadUnits.ts';
import { divergence } from './divergence.ts';
import { explodingGradients } from './explodingGradients.ts';
import type { Illness } from './illness.ts';
import { imbalance } from './imbalance.ts';
import { overfitting } from './overfitting.ts';
import { plateau } from './plateau.ts';
import type { RecordedRun } from './recordedRun.ts';
import type { Remedy } from './remedy.ts';
import { underfitting } from './underfitting.ts';
import { vanishingGradients } from './vanishingGradients.ts';

const illnesses: readonly Illness[] = [
  divergence,
  deadUnits,
  explodingGradients,
  vanishingGradients,
  imbalance,
  overfitting,
  underfitting,
  plateau,
];

export interface FoundIllness {
  readonly illness: Illness;
  /** What was seen and what it means: two sentences. */
  readonly text: string;
}

/** The illnesses of a run, most serious first; empty where there are none, or too little is known yet. */
export function examine(run: RecordedRun): readonly FoundIllness[] {
  const found = illnesses.flatMap((illness): FoundIllness[] => {
    const text = illness.recognise(run);
    return text === undefined ? [] : [{ illness, text }];
  });
  const names = found.map(({ illness }) => illness.name);
  return found.filter(({ illness }) => !illness.explainedBy.some(name => names.includes(name)));
}

/** At most so many remedies are offered. */
const MAX_REMEDIES = 3;

/** The remedies for an illness of a run, applied to the document. */
export function treat(
  { illness }: FoundIllness,
  run: RecordedRun,
  document: ProjectDocument,
): readonly Remedy[] {
  const remedies = illness.remedies(run, document);
  return remedies.filter(remedy => remedy !== undefined).slice(0, MAX_REMEDIES);
}
