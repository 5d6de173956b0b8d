/** Adds normally distributed noise to random images. torchvision has it (GaussianNoise) from version 0.20 on. */
import { type Fields, number } from '../layers/fields.ts';
import { defineAugmentation, probabilityField } from './augmentation.ts';

const fields = {
  p: probabilityField(),
  std: number({
    label: 'Standard deviation',
    help: 'How strong the noise is, where black is 0 and white is 1.',
    initial: 0.05,
    min: 0,
    max: 1,
  }),
} satisfies Fields;

export const additiveNoise = defineAugmentation({
  kind: 'GaussianNoise',
  help: 'Adds noise to some of the images, as a camera in the dark does.',
  fields,
  examples: [{}, { p: 1, std: 0.3 }],
  lower: ({ p, std }, lowering) => lowering.emit('addNoise', { ...lowering.augmented, std, p }),
  pytorch: ({ p, std }) => `RandomApply([transforms.GaussianNoise(sigma=${std}, clip=False)], p=${p})`,
});
