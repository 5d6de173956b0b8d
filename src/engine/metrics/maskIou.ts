/**
 * Mean intersection over union of masks: for each class over all pixels of the split, then the mean over the classes
 * that occur in targets or predictions.
 */
import { mean } from './evidence.ts';
import type { Metric } from './metric.ts';

export const maskIou: Metric = {
  answers: ['mask'],
  of(evidence) {
    const there = evidence.counts().filter(({ truly, answered }) => truly + answered > 0);
    return { maskIou: mean(there.map(({ truly, answered, both }) => both / (truly + answered - both))) };
  },
};
