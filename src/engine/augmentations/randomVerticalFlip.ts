/** Flips random images upside down (torchvision.transforms.RandomVerticalFlip). */
import { defineAugmentation, probabilityField } from './augmentation.ts';
import { lowerWarp } from './warping.ts';

export const randomVerticalFlip = defineAugmentation({
  kind: 'RandomVerticalFlip',
  help: 'Exchanges top and bottom: for images from above or through a microscope, which have no up.',
  fields: { p: probabilityField() },
  examples: [{}, { p: 1 }],
  lower: ({ p }, lowering) => lowerWarp(lowering, 'flipVertical', [p]),
  pytorch: ({ p }) => `RandomVerticalFlip(p=${p})`,
});
