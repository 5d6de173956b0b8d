/** The registry of illnesses, one line each, the gravest first; and the doctor, who asks each of them. */
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

/** What a run suffers from, the gravest first; empty where it is well, or nothing can be said yet. */
export function examine(run: RecordedRun): readonly FoundIllness[] {
  const found = illnesses.flatMap((illness): FoundIllness[] => {
    const text = illness.recognise(run);
    return text === undefined ? [] : [{ illness, text }];
  });
  const names = found.map(({ illness }) => illness.name);
  return found.filter(({ illness }) => !illness.explainedBy.some(name => names.includes(name)));
}

/** More than these are no help to choose from. */
const MOST_REMEDIES = 3;

/** What helps the document against an illness that a run of it had. */
export function treat(
  { illness }: FoundIllness,
  run: RecordedRun,
  document: ProjectDocument,
): readonly Remedy[] {
  const remedies = illness.remedies(run, document);
  return remedies.filter(remedy => remedy !== undefined).slice(0, MOST_REMEDIES);
}
