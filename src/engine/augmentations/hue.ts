/** Rotates the hue by a random fraction of the circle (torchvision.transforms.ColorJitter with `hue` alone). */
import { number } from '../layers/fields.ts';
import { defineAugmentation } from './augmentation.ts';
import { lowerColour } from './colouring.ts';

export const hue = defineAugmentation({
  kind: 'RandomHue',
  help: 'Turns all colours along the rainbow. Only where colour does not tell the classes apart. Grey images stay as they are.',
  fields: {
    amount: number({
      label: 'Amount',
      help: 'The largest turn to either side, as a share of the circle: 0.5 is any colour.',
      initial: 0.05,
      min: 0,
      max: 0.5,
    }),
  },
  examples: [{}, { amount: 0.5 }],
  lower: ({ amount }, lowering) => lowerColour(lowering, 'hue', -amount, amount),
  pytorch: ({ amount }) => `ColorJitter(hue=${amount})`,
});
