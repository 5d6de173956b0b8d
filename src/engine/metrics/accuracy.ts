/** The share of images whose best score is their class; of masks the share of pixels. */
import type { Metric } from './metric.ts';

export const accuracy: Metric = {
  answers: ['class', 'mask'],
  of: ({ answer, scoreSum, images }) => ({
    [answer === 'class' ? 'accuracy' : 'pixelAccuracy']: scoreSum / images,
  }),
};
