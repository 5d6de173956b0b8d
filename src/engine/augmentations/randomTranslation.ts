/** Translates by whole pixels, with black behind (torchvision.transforms.RandomAffine with `translate` alone). */
import { type Fields, number } from '../layers/fields.ts';
import { defineAugmentation } from './augmentation.ts';
import { lowerWarp } from './warping.ts';

const share = (label: string, of: string) =>
  number({ label, help: `The largest way, as a share of the ${of}.`, initial: 0.1, min: 0, max: 1 });

const fields = {
  horizontal: share('Sideways', 'width'),
  vertical: share('Up and down', 'height'),
} satisfies Fields;

export const randomTranslation = defineAugmentation({
  kind: 'RandomTranslation',
  help: 'Moves each image sideways and up or down; what comes in from outside is black.',
  fields,
  examples: [{}, { horizontal: 0.5, vertical: 0 }],
  lower: ({ horizontal, vertical }, lowering) => lowerWarp(lowering, 'translate', [horizontal, vertical]),
  pytorch: ({ horizontal, vertical }) => `RandomAffine(0, translate=(${horizontal}, ${vertical}))`,
});
