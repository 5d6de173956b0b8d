/** Concat: channels are laid side by side (torch.cat along the channels). */

import { cells, PAIR } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { matchSizes } from './matching.ts';
import { type Shape, shapeText } from './shape.ts';

const channelsOf = (shape: Shape) => shape[0]!;

export const concat = defineLayer({
  ...withoutWeights,
  kind: 'Concat',
  family: 'merge',
  summary: 'Lays the channels of what flows in side by side.',
  help: 'Keeps all that its branches found, for the next layer to choose from: the shortcut of DenseNet and U-Net. Heights and widths have to agree; channels add up.',
  formula: 'channels = a’s, then b’s, …',
  picture: () => cells(PAIR, PAIR.flat()),
  fields: {},
  inputs: 'several',
  examples: [
    { params: {}, input: [3, 4, 5], others: [[2, 4, 5]] },
    {
      params: {},
      input: [1, 3, 3],
      others: [
        [9, 3, 3],
        [4, 3, 3],
      ],
    },
    { params: {}, input: [7], others: [[2]] },
  ],
  detail: () => '',
  shape(_params, input, inputs) {
    const misfit = inputs.some(shape => shapeText(shape.slice(1)) !== shapeText(input.slice(1)));
    if (misfit || inputs.some(shape => shape.length !== input.length)) {
      return {
        fault: {
          code: 'sizes-differ',
          message: `Concat wants inputs of one height and width; it gets ${inputs.map(shapeText).join(' and ')}.`,
          repairs: matchSizes(inputs),
        },
      };
    }
    const channels = inputs.map(channelsOf);
    const sum = channels.reduce((total, count) => total + count, 0);
    return { shape: { value: [sum, ...input.slice(1)], why: `${channels.join(' + ')} = ${sum} channels` } };
  },
  macs: () => ({ value: 0, why: '0: numbers change places' }),
  reach: () => 'pointwise',
  lower(_params, lowering) {
    const [outChannels, height = 1, width = 1] = lowering.outputShape as [number, number?, number?];
    const pixels = height * width;
    const y = lowering.output();
    let end = 0;
    const parts = lowering.inputShapes.map(shape => {
      const [channels, offset] = [channelsOf(shape), end];
      end += channels;
      return { channels, outChannels, offset, pixels };
    });
    for (const [i, x] of lowering.inputs.entries()) lowering.emit('concatForward', { x, y, ...parts[i]! });
    lowering.backward((dy, _dx, dxs) => {
      for (const [i, dx] of dxs.entries()) {
        if (!dx) continue;
        lowering.emit('concatBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, ...parts[i]! });
      }
    });
  },
  pytorch: { merge: values => `torch.cat([${values.join(', ')}], dim=1)` },
  keras: kerasLayer('Concatenate'),
  onnx: ['Concat'],
});
