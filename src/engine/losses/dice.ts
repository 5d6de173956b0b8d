/**
 * Dice loss of masks: 1 - 2 · intersection / (sum of both areas), averaged over classes and images. PyTorch has none;
 * this is the usual form with softmax (kernels/dice_loss.c has the formula).
 */
import { type Fields, number } from '../layers/fields.ts';
import { defineLoss, extentsOf, refusesShape } from './loss.ts';

const fields = {
  smooth: number({
    label: 'Smoothing',
    help: 'Added above and below the fraction, so that a class that is nowhere in an image does not divide by zero.',
    initial: 1,
    min: 1e-6,
    max: 1000,
  }),
} satisfies Fields;

export const dice = defineLoss({
  kind: 'DiceLoss',
  help: 'Asks how well the painted area fits the true one, so that a small thing counts as much as a large ground. Often added to cross-entropy.',
  fields,
  answers: ['mask'],
  takesScores: true,
  examples: [
    { answer: 'mask', params: {} },
    { answer: 'mask', params: { smooth: 0.01 } },
  ],
  refuses: (_params, output, truth) => refusesShape(output, truth, true),
  lower({ smooth }, lowering) {
    const { output, targets, gradient, term } = lowering;
    const { positions, channels } = extentsOf(lowering.outputShape);
    const sums = lowering.temporary('sums', lowering.batch * channels * 3, 'float64');
    lowering.emit('diceLoss', { output, targets, gradient, sums, ...term, smooth, positions, channels });
  },
  pytorch: ({ smooth }) => `DiceLoss(smooth=${smooth})`,
});
