/** Top-5 accuracy, for more than five classes. */
import { TOP_K } from './evidence.ts';
import type { Metric } from './metric.ts';

export const topK: Metric = {
  answers: ['class'],
  of: ({ classes, topHits, images }) => (classes.length > TOP_K ? { [`top${TOP_K}`]: topHits / images } : {}),
};
