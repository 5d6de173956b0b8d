/**
 * AdaptiveAvgPool2d: the means of as many windows as are wanted, whatever the size of the image
 * (torch.nn.AdaptiveAvgPool2d).
 */
import { adaptReach, adaptShape, kerasAdaptive, lowerMeans, outputSize } from './adaptivePool.ts';
import type { Fields } from './fields.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { pairs } from './torchForm.ts';
import { pairText } from './window.ts';

const fields = { outputSize } satisfies Fields;

export const adaptiveAvgPool2d = defineLayer({
  ...withoutWeights,
  kind: 'AdaptiveAvgPool2d',
  traits: ['averages'],
  family: 'pooling',
  summary: 'Means of a given number of windows.',
  help: 'Brings an image of any size to the size that the next layer wants, as before the classifier of VGG and AlexNet. Window i goes from ⌊i · size / outputs⌋ up to ⌈(i + 1) · size / outputs⌉.',
  fields,
  inputs: 1,
  examples: [
    { params: { outputSize: [3, 2] }, input: [5, 7, 8] },
    { params: { outputSize: [4, 4] }, input: [9, 8, 8] },
    { params: { outputSize: [5, 1] }, input: [3, 3, 7] },
    { params: {}, input: [2, 5, 4] },
  ],
  detail: params => pairText(params.outputSize),
  shape: (params, input) => adaptShape('AdaptiveAvgPool2d', params.outputSize, input),
  macs: () => ({ value: 0, why: '0: additions, and one division for each window' }),
  reach: (_params, input, output) => adaptReach(input, output),
  lower: (_params, lowering) => lowerMeans(lowering),
  pytorch: { module: 'nn.AdaptiveAvgPool2d', arguments: [pairs('output_size', 'outputSize')] },
  keras: ({ outputSize }, input) => kerasAdaptive('mean', outputSize, input),
  onnx: ['AveragePool'],
});
