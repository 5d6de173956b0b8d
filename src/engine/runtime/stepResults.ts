/** The results of a step for its images. */
import type { Session } from './session.ts';

export interface StepResults {
  lossSum: number;
  scoreSum: number;
}

/** @param count number of images in the step */
export function measured(session: Session, count: number): StepResults {
  const { losses, model } = session;
  const sums: StepResults = { lossSum: 0, scoreSum: 0 };
  for (let i = 0; i < count; i++) sums.lossSum += losses[i]!;
  for (const head of model.heads) {
    const scores = session.scores(head);
    for (let i = 0; i < count; i++) sums.scoreSum += scores[i]! / model.heads.length;
  }
  return sums;
}
