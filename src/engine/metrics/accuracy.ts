/** Accuracy: the share of images whose highest score is their class; for masks the share of pixels. */
import type { Metric } from './metric.ts';

export const accuracy: Metric = {
  answers: ['class', 'mask'],
  of: ({ answer, scoreSum, images }) => ({
    [answer === 'class' ? 'accuracy' : 'pixelAccuracy']: scoreSum / images,
  }),
};
