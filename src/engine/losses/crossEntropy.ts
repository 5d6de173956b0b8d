/** Cross-entropy of class scores (torch.nn.CrossEntropyLoss, mean over the batch). */
import { type Fields, integer, number, numbers } from '../layers/fields.ts';
import { defineLoss, extentsOf, lossCall, refusesShape } from './loss.ts';

/** PyTorch's default of ignore_index, which is no class. */
const NOTHING_IGNORED = -100;

const fields = {
  weight: numbers({
    label: 'Class weights',
    help: 'How much an image of each class counts, in the order of the classes; for rare classes more than 1. Empty: all alike.',
    initial: [],
    perClass: true,
    min: 0,
    max: 1e6,
  }),
  labelSmoothing: number({
    label: 'Label smoothing',
    help: 'The share of certainty that is given to all classes alike, so that the network is never asked to be quite sure. 0.1 is usual.',
    initial: 0,
    min: 0,
    max: 1,
  }),
  ignoreIndex: integer({
    label: 'Ignored class',
    help: 'The number of a class that counts nowhere, as “unlabelled” in masks often is. −100: none.',
    initial: NOTHING_IGNORED,
    min: NOTHING_IGNORED,
    max: 10_000,
  }),
} satisfies Fields;

export const crossEntropy = defineLoss({
  kind: 'CrossEntropyLoss',
  help: 'Turns the scores into probabilities and asks how surprised they are by the true class.',
  fields,
  answers: ['class', 'mask'],
  takesScores: true,
  examples: [
    { answer: 'class', params: {} },
    { answer: 'class', params: { weight: [1, 2, 0.5, 3, 0.25], labelSmoothing: 0.1 } },
    { answer: 'class', params: { ignoreIndex: 2, labelSmoothing: 0.2 } },
    { answer: 'mask', params: {} },
    { answer: 'mask', params: { weight: [0.2, 1, 3], ignoreIndex: 1, labelSmoothing: 0.05 } },
  ],

  refuses({ weight }, output, truth) {
    const fault = refusesShape(output, truth);
    if (fault || weight.length === 0 || weight.length === truth.classes) return fault;
    return {
      code: 'wrong-weight-count',
      message: `CrossEntropyLoss has ${weight.length} class weights for ${truth.classes} classes: give one for each, or none.`,
      repairs: [],
    };
  },

  lower({ weight, labelSmoothing, ignoreIndex }, lowering) {
    const { positions, channels: classes } = extentsOf(lowering.outputShape);
    const { targets, term } = lowering;
    const weights = weight.length > 0 ? lowering.constant('weight', weight) : null;
    const divisors = lowering.temporary('divisors', lowering.batch, 'float64');
    const shared = { targets, weights, divisors, positions, classes, ignoreIndex };
    lowering.emit('crossEntropyDivisors', shared);
    lowering.emit('crossEntropy', {
      logits: lowering.output,
      dLogits: lowering.gradient,
      ...shared,
      ...term,
      labelSmoothing,
    });
  },

  pytorch: ({ weight, labelSmoothing, ignoreIndex }) =>
    lossCall('CrossEntropyLoss', {
      weight: weight.length > 0 ? `torch.tensor([${weight.join(', ')}])` : undefined,
      ignore_index: ignoreIndex === NOTHING_IGNORED ? undefined : ignoreIndex,
      label_smoothing: labelSmoothing === 0 ? undefined : labelSmoothing,
    }),
});
