/**
 * Mean intersection over union of masks: for each class all its pixels of the split, both and either, and then the
 * plain mean over the classes that are there, truly or answered.
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
