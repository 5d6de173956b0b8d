/** Saturation by a factor drawn for each image (torchvision.transforms.ColorJitter with `saturation` alone). */
import { defineAugmentation } from './augmentation.ts';
import { amountField, factorsWithin, lowerColour } from './colouring.ts';

export const saturation = defineAugmentation({
  kind: 'RandomSaturation',
  help: 'Makes colours stronger or greyer. Grey images stay as they are.',
  fields: { amount: amountField(0.2) },
  examples: [{}, { amount: 0.9 }],
  lower: ({ amount }, lowering) => lowerColour(lowering, 'saturation', ...factorsWithin(amount)),
  pytorch: ({ amount }) => `ColorJitter(saturation=${amount})`,
});
