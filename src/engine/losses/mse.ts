/** The mean squared error (torch.nn.MSELoss). A class as target is 1 at its own score and 0 at the others. */
import { lowerElementwise } from './elementwise.ts';
import { defineLoss, refusesShape } from './loss.ts';

export const mse = defineLoss({
  kind: 'MSELoss',
  help: 'The squared distance to what is wanted: large errors count most. For boxes; for classes cross-entropy learns faster.',
  fields: {},
  answers: ['box', 'class', 'mask'],
  takesScores: false,
  examples: [
    { answer: 'box', params: {} },
    { answer: 'class', params: {} },
    { answer: 'mask', params: {} },
  ],
  refuses: (_params, output, truth) => refusesShape(output, truth, true),
  lower: (_params, lowering) => lowerElementwise(lowering, 'squared'),
  pytorch: () => 'nn.MSELoss()',
});
