/** Squared for small errors, absolute for large ones (torch.nn.SmoothL1Loss). Girshick: "Fast R-CNN", 2015. */
import { type Fields, number } from '../layers/fields.ts';
import { lowerElementwise } from './elementwise.ts';
import { defineLoss, lossCall, refusesShape } from './loss.ts';

const fields = {
  beta: number({
    label: 'Beta',
    help: 'Up to this error it is squared, beyond it grows in a straight line. Boxes are shares of the image, so 0.1 is a tenth of it.',
    initial: 1,
    min: 1e-6,
    max: 1000,
  }),
} satisfies Fields;

export const smoothL1 = defineLoss({
  kind: 'SmoothL1Loss',
  help: 'As the squared error near what is wanted, but far from it no steeper than the plain distance, so that a few wild errors do not rule.',
  fields,
  answers: ['box'],
  takesScores: false,
  examples: [
    { answer: 'box', params: {} },
    { answer: 'box', params: { beta: 0.1 } },
  ],
  refuses: (_params, output, truth) => refusesShape(output, truth),
  lower: ({ beta }, lowering) => lowerElementwise(lowering, 'smoothL1', beta),
  pytorch: ({ beta }) => lossCall('SmoothL1Loss', { beta: beta === 1 ? undefined : beta }),
});
