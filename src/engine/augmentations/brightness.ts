/** Brightness by a factor drawn for each image (torchvision.transforms.ColorJitter with `brightness` alone). */
import { defineAugmentation } from './augmentation.ts';
import { amountField, factorsWithin, lowerColour } from './colouring.ts';

export const brightness = defineAugmentation({
  kind: 'RandomBrightness',
  help: 'Multiplies all colours by a factor, as more or less light does.',
  fields: { amount: amountField(0.2) },
  examples: [{}, { amount: 0.9 }],
  lower: ({ amount }, lowering) => lowerColour(lowering, 'brightness', ...factorsWithin(amount)),
  pytorch: ({ amount }) => `ColorJitter(brightness=${amount})`,
});
