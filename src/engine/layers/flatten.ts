/** Flatten: an image becomes a vector, channel by channel (torch.nn.Flatten). */

import { type Channels, cells } from './helpPicture.ts';
import { kerasCall } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { shapeText, sizeOf } from './shape.ts';
import { ignoredArgument } from './torchForm.ts';

const TWO_CHANNELS: Channels = [
  [
    [1, 2],
    [3, 4],
  ],
  [
    [5, 6],
    [7, 8],
  ],
];

export const flatten = defineLayer({
  ...withoutWeights,
  kind: 'Flatten',
  family: 'linear',
  summary: 'An image becomes a vector.',
  help: 'Lays the channels one after the other, each row by row, so that Linear can weigh every number. From here on the network takes images of one size only.',
  formula: 'y[(c·H + i)·W + j] = x[c, i, j]',
  picture: () => cells([TWO_CHANNELS], [[TWO_CHANNELS.flat(2)]]),
  fields: {},
  inputs: 1,
  examples: [
    { params: {}, input: [5, 3, 4] },
    { params: {}, input: [6, 1, 1] },
    { params: {}, input: [12] },
  ],
  detail: () => '',
  shape(_params, input) {
    const size = sizeOf(input);
    return { shape: { value: [size], why: `${shapeText(input).replaceAll('×', ' · ')} = ${size}` } };
  },
  macs: () => ({ value: 0, why: '0: numbers change places' }),
  reach: () => 'global',
  lower(_params, lowering) {
    const [channels, height = 1, width = 1] = lowering.inputShape as [number, number?, number?];
    const pixels = height * width;
    if (channels === 1 || pixels === 1) return lowering.passThrough();
    lowering.emit('flattenForward', { x: lowering.input, y: lowering.output(), channels, pixels });
    lowering.backward((dy, dx) => {
      if (!dx) return;
      lowering.emit('flattenBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, channels, pixels });
    });
  },
  pytorch: {
    module: 'nn.Flatten',
    arguments: [ignoredArgument('start_dim', 1, [1]), ignoredArgument('end_dim', -1, [-1])],
  },
  // PyTorch lays an image out channel by channel, Keras pixel by pixel: in PyTorch's order weights carry over.
  keras(_params, input) {
    const [channels, height = 1, width = 1] = input as [number, number?, number?];
    const isLaidOutAlike = channels === 1 || height * width === 1;
    const permute = isLaidOutAlike ? [] : [kerasCall('Permute', [[3, 1, 2]])];
    return { calls: [...permute, kerasCall('Flatten')] };
  },
  onnx: ['Flatten'],
});
