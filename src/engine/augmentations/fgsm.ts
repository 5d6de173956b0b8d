/**
 * The fast gradient sign method: moves each value a little in the direction that increases the loss. Goodfellow,
 * Shlens, Szegedy: "Explaining and harnessing adversarial examples", 2015. The gradient is computed in evaluation mode,
 * without dropout and with running statistics (in PyTorch model.eval() before, model.train() after).
 */
import { type Fields, number } from '../layers/fields.ts';
import { defineAugmentation, probabilityField } from './augmentation.ts';

const fields = {
  p: probabilityField(),
  eps: number({
    label: 'Strength',
    help: 'How far each number moves, where black is 0 and white is 1. 8/255, about 0.03, is hardly seen.',
    initial: 0.03,
    min: 0,
    max: 1,
  }),
} satisfies Fields;

export const fgsm = defineAugmentation({
  kind: 'FGSM',
  help: 'Changes some of the images by noise that is made to mislead the network as it is now, so that it learns not to be misled. The network answers and looks back once more for it: a step takes up to twice as long.',
  fields,
  examples: [{}, { p: 1, eps: 0.1 }],
  lower({ p, eps }, lowering) {
    lowering.emit('perturb', { ...lowering.augmented, gradient: lowering.lossGradient(), p, eps });
  },
  pytorch: () => null,
});
