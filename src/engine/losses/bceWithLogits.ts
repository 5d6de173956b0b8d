/** Binary cross-entropy of each score (torch.nn.BCEWithLogitsLoss, mean over all elements). */
import { lowerElementwise } from './elementwise.ts';
import { defineLoss, refusesShape } from './loss.ts';

export const bceWithLogits = defineLoss({
  kind: 'BCEWithLogitsLoss',
  help: 'Asks of every class by itself whether it is there. With two classes one score is enough: above 0 means the second.',
  fields: {},
  answers: ['class', 'mask'],
  takesScores: true,
  examples: [
    { answer: 'class', params: {} },
    { answer: 'mask', params: {} },
  ],
  refuses: (_params, output, truth) => refusesShape(output, truth, true),
  lower: (_params, lowering) => lowerElementwise(lowering, 'binary'),
  pytorch: () => 'nn.BCEWithLogitsLoss()',
});
