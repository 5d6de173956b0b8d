/** Flips random images left to right (torchvision.transforms.RandomHorizontalFlip). */
import { defineAugmentation, probabilityField } from './augmentation.ts';
import { lowerWarp } from './warping.ts';

export const randomHorizontalFlip = defineAugmentation({
  kind: 'RandomHorizontalFlip',
  help: 'Exchanges left and right. For photographs nearly always right; wrong where sides mean something, as in letters.',
  fields: { p: probabilityField() },
  examples: [{}, { p: 1 }],
  lower: ({ p }, lowering) => lowerWarp(lowering, 'flipHorizontal', [p]),
  pytorch: ({ p }) => `RandomHorizontalFlip(p=${p})`,
});
