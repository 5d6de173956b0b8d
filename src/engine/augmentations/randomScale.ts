/** Scales around the centre by a random factor (torchvision.transforms.RandomAffine with `scale` alone). */
import { type Fields, number } from '../layers/fields.ts';
import { defineAugmentation, ordered } from './augmentation.ts';
import { lowerWarp } from './warping.ts';

const factor = (label: string, help: string, initial: number) =>
  number({ label, help, initial, min: 0.05, max: 20 });

const fields = {
  least: factor('Least', 'The smallest factor: 0.8 shows things a fifth smaller, black around them.', 0.8),
  most: factor('Most', 'The largest factor: 1.2 shows things a fifth larger, what is outside cut off.', 1.2),
} satisfies Fields;

export const randomScale = defineAugmentation({
  kind: 'RandomScale',
  help: 'Enlarges each image or makes it smaller, around its middle.',
  fields,
  examples: [{}, { least: 1.5, most: 2 }],
  lower: ({ least, most }, lowering) => lowerWarp(lowering, 'scale', ordered(least, most)),
  pytorch: ({ least, most }) =>
    `RandomAffine(0, scale=(${ordered(least, most).join(', ')}), interpolation=transforms.InterpolationMode.BILINEAR)`,
});
