/** Dropout: in training, elements become zero at random (torch.nn.Dropout). */
import { droppedPicture, lowerDropout, neverDropping, probability, randomLayer } from './dropoutLayer.ts';

import type { Fields } from './fields.ts';
import { kerasCall } from './kerasForm.ts';
import { defineLayer } from './layer.ts';
import { sizeOf } from './shape.ts';
import { inplace, real } from './torchForm.ts';

const fields = {
  p: probability('Share dropped', 'The probability that a number becomes zero.', 0.5),
} satisfies Fields;

export const dropout = defineLayer({
  ...randomLayer,
  kind: 'Dropout',
  summary: 'Sets numbers to zero by chance while training.',
  help: 'No unit can rely on another that may be missing, so that features get more robust and the network learns less by heart. What is kept is scaled by 1 / (1 − p), and in evaluation nothing happens. Usual between linear layers.',
  formula: 'y = x / (1 − p), or 0 with probability p; y = x in evaluation',
  picture: ({ p }) => droppedPicture(p, 'numbers'),
  fields,
  examples: [...neverDropping, { params: { p: 0 }, input: [33] }],
  detail: ({ p }) => `p ${p}`,
  lower: ({ p }, lowering) => lowerDropout(lowering, p, sizeOf(lowering.inputShape)),
  pytorch: {
    module: 'nn.Dropout',
    arguments: [{ ...real('p', 'p', 0.5), named: false, isAlwaysWritten: true }, inplace],
  },
  keras: ({ p }) => ({ calls: [kerasCall('Dropout', [p])] }),
  onnx: ['Dropout'],
});
