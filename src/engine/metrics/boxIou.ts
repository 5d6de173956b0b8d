/** Mean intersection over union of each image's box with the true one. */
import type { Metric } from './metric.ts';

export const boxIou: Metric = {
  answers: ['box'],
  of: ({ scoreSum, images }) => ({ boxIou: scoreSum / images }),
};
