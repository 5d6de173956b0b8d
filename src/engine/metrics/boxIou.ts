/** Mean intersection over union of predicted and target boxes. */
import type { Metric } from './metric.ts';

export const boxIou: Metric = {
  answers: ['box'],
  of: ({ scoreSum, images }) => ({ boxIou: scoreSum / images }),
};
