/** Dropout2d: in training, whole channels become zero at random (torch.nn.Dropout2d). Images only. */
import { droppedPicture, lowerDropout, neverDropping, probability, randomLayer } from './dropoutLayer.ts';

import type { Fields } from './fields.ts';
import { kerasCall } from './kerasForm.ts';
import { defineLayer } from './layer.ts';
import { inplace, real } from './torchForm.ts';
import { vectorInputFault } from './window.ts';

const fields = {
  p: probability('Share dropped', 'The probability that a channel becomes zero.', 0.5),
} satisfies Fields;

export const dropout2d = defineLayer({
  ...randomLayer,
  kind: 'Dropout2d',
  summary: 'Sets whole channels to zero by chance while training.',
  help: 'Neighbouring pixels say nearly the same, so that Dropout on an image takes little away; this takes a feature as a whole (Tompson et al., 2015). In evaluation nothing happens.',
  formula: 'y[c] = x[c] / (1 − p), or 0 with probability p; y = x in evaluation',
  picture: ({ p }) => droppedPicture(p, 'channels'),
  fields,
  examples: [...neverDropping, { params: { p: 0 }, input: [11, 3, 5] }],
  detail: ({ p }) => `p ${p}`,
  shape(params, input) {
    const fault = vectorInputFault('Dropout2d', input);
    return fault ? { fault } : randomLayer.shape(params, input);
  },
  lower: ({ p }, lowering) => lowerDropout(lowering, p, lowering.inputShape[0]!),
  pytorch: {
    module: 'nn.Dropout2d',
    arguments: [{ ...real('p', 'p', 0.5), named: false, isAlwaysWritten: true }, inplace],
  },
  keras: ({ p }) => ({ calls: [kerasCall('SpatialDropout2D', [p])] }),
  onnx: ['Dropout'],
});
