/**
 * Precision, recall and F1 of each class, and their means over the classes that occur (macro averages). A class that is
 * never predicted has precision 0, as in scikit-learn.
 */
import { type Evidence, mean } from './evidence.ts';
import type { Metric } from './metric.ts';

export interface ClassFigures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Number of images of the class; for masks of pixels. */
  readonly support: number;
}

export function classFigures(evidence: Evidence): ClassFigures[] {
  return evidence.counts().map(({ truly, answered, both }) => ({
    precision: answered > 0 ? both / answered : 0,
    recall: truly > 0 ? both / truly : 0,
    f1: truly + answered > 0 ? (2 * both) / (truly + answered) : 0,
    support: truly,
  }));
}

export const perClass: Metric = {
  answers: ['class'],
  of(evidence) {
    const there = classFigures(evidence).filter(({ support }) => support > 0);
    return {
      precision: mean(there.map(each => each.precision)),
      recall: mean(there.map(each => each.recall)),
      f1: mean(there.map(each => each.f1)),
    };
  },
};
