/** GlobalAvgPool2d: the mean of each channel over the whole image (torch.nn.AdaptiveAvgPool2d of one window). */
import { adaptPicture, adaptReach, adaptShape, lowerMeans, mean } from './adaptivePool.ts';

import { kerasLayer } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { constantArgument } from './torchForm.ts';

export const globalAvgPool2d = defineLayer({
  ...withoutWeights,
  kind: 'GlobalAvgPool2d',
  traits: ['averages'],
  family: 'pooling',
  summary: 'The mean of each channel.',
  help: 'One number for each channel: how strong its feature is in the image as a whole. It replaces the large Linear layers at the end of a network, and takes images of any size. Linear after it wants Flatten.',
  formula: 'y[c] = mean over i, j: x[c, i, j]',
  picture: () => adaptPicture([1, 1], mean),
  fields: {},
  inputs: 1,
  examples: [
    { params: {}, input: [9, 5, 6] },
    { params: {}, input: [3, 1, 1] },
  ],
  detail: () => '',
  shape: (_params, input) => adaptShape('GlobalAvgPool2d', [1, 1], input),
  macs: () => ({ value: 0, why: '0: additions, and one division for each channel' }),
  reach: (_params, input, output) => adaptReach(input, output),
  lower: (_params, lowering) => lowerMeans(lowering),
  pytorch: {
    module: 'nn.AdaptiveAvgPool2d',
    arguments: [{ ...constantArgument('output_size', 1), named: false }],
  },
  keras: kerasLayer('GlobalAveragePooling2D', [], { keepdims: true }),
  onnx: ['GlobalAveragePool'],
});
