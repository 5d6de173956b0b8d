/** Contrast by a factor drawn for each image (torchvision.transforms.ColorJitter with `contrast` alone). */
import { defineAugmentation } from './augmentation.ts';
import { amountField, factorsWithin, lowerColour } from './colouring.ts';

export const contrast = defineAugmentation({
  kind: 'RandomContrast',
  help: 'Stretches colours away from their mean, or draws them towards it.',
  fields: { amount: amountField(0.2) },
  examples: [{}, { amount: 0.9 }],
  lower: ({ amount }, lowering) => lowerColour(lowering, 'contrast', ...factorsWithin(amount)),
  pytorch: ({ amount }) => `ColorJitter(contrast=${amount})`,
});
