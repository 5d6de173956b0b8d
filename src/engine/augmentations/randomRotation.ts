/** Rotates by a random angle, with black corners (torchvision.transforms.RandomRotation, bilinear). */
import { number } from '../layers/fields.ts';
import { defineAugmentation } from './augmentation.ts';
import { lowerWarp } from './warping.ts';

export const randomRotation = defineAugmentation({
  kind: 'RandomRotation',
  help: 'Turns each image by an angle; what comes in from outside is black. A box becomes the one around the turned box.',
  fields: {
    degrees: number({
      label: 'Degrees',
      help: 'The largest angle, to either side.',
      initial: 10,
      min: 0,
      max: 180,
    }),
  },
  examples: [{}, { degrees: 180 }],
  lower: ({ degrees }, lowering) => lowerWarp(lowering, 'rotate', [degrees]),
  pytorch: ({ degrees }) => `RandomRotation(${degrees}, interpolation=transforms.InterpolationMode.BILINEAR)`,
});
