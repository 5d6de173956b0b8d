/** ReLU: negative values become zero (torch.nn.ReLU). */

import { curve } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { shapeText, sizeOf } from './shape.ts';
import { inplace } from './torchForm.ts';

export const relu = defineLayer({
  ...withoutWeights,
  kind: 'ReLU',
  family: 'activation',
  summary: 'Negative values become zero.',
  help: 'Keeps what is positive and cuts what is negative. Without a nonlinearity between them, two convolutions are no more than one. Where a unit never gets above zero it is dead: it no longer learns.',
  formula: 'y = max(0, x)',
  picture: () => curve(x => Math.max(0, x)),
  fields: {},
  inputs: 1,
  traits: ['rectifies'],
  examples: [
    { params: {}, input: [5, 6, 7] },
    { params: {}, input: [33] },
  ],
  detail: () => '',
  shape: (_params, input) => ({ shape: { value: input, why: `As it came: ${shapeText(input)}.` } }),
  macs: () => ({ value: 0, why: '0: comparisons, no multiplications' }),
  reach: () => 'pointwise',
  lower(_params, lowering) {
    const count = sizeOf(lowering.inputShape);
    const y = lowering.output();
    lowering.emit('reluForward', { x: lowering.input, y, count });
    lowering.backward((dy, dx) => {
      if (dx) lowering.emit('reluBackward', { y, dy, dx: dx.tensor, accumulate: dx.accumulate, count });
    });
  },
  pytorch: { module: 'nn.ReLU', arguments: [inplace] },
  keras: kerasLayer('ReLU'),
  onnx: ['Relu'],
});
