/**
 * AdaptiveMaxPool2d: the largest values of as many windows as are wanted, whatever the size of the image
 * (torch.nn.AdaptiveMaxPool2d).
 */
import { adaptPicture, adaptReach, adaptShape, kerasAdaptive, outputSize } from './adaptivePool.ts';

import type { Fields } from './fields.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { sizeOf } from './shape.ts';
import { ignoredArgument, pairs } from './torchForm.ts';
import { geometryOf, imagesOf, pairText } from './window.ts';

const fields = { outputSize } satisfies Fields;

/** The backward pass follows argmax; it asks for no window. */
const noWindow = { kernelSize: [1, 1], stride: [1, 1], dilation: [1, 1], sides: [0, 0, 0, 0] } as const;

export const adaptiveMaxPool2d = defineLayer({
  ...withoutWeights,
  kind: 'AdaptiveMaxPool2d',
  family: 'pooling',
  summary: 'Largest values of a given number of windows.',
  help: 'Brings an image of any size to the size that the next layer wants, and keeps the strongest evidence of each window. The windows are those of AdaptiveAvgPool2d.',
  formula: 'y[c, i, j] = max of window i, j\nwindow i = ⌊i · n / size⌋ up to ⌈(i + 1) · n / size⌉',
  picture: ({ outputSize }) => adaptPicture(outputSize, values => Math.max(...values)),
  fields,
  inputs: 1,
  examples: [
    { params: { outputSize: [3, 2] }, input: [5, 7, 8] },
    { params: { outputSize: [4, 3] }, input: [9, 8, 6] },
    { params: { outputSize: [5, 1] }, input: [3, 3, 7] },
  ],
  detail: params => pairText(params.outputSize),
  shape: (params, input) => adaptShape('AdaptiveMaxPool2d', params.outputSize, input),
  macs: () => ({ value: 0, why: '0: comparisons, no multiplications' }),
  reach: (_params, input, output) => adaptReach(input, output),
  lower(_params, lowering) {
    const { inputShape, outputShape, batch } = lowering;
    const argmax = lowering.temporary('argmax', batch * sizeOf(outputShape), 'int32');
    const images = imagesOf(inputShape, outputShape);
    lowering.emit('adaptiveMaxPool2dForward', { x: lowering.input, y: lowering.output(), argmax, ...images });
    lowering.backward((dy, dx) => {
      if (!dx) return;
      lowering.emit('maxPool2dBackward', {
        dy,
        argmax,
        dx: dx.tensor,
        accumulate: dx.accumulate,
        ...geometryOf(inputShape, outputShape, noWindow, inputShape[0]!),
      });
    });
  },
  pytorch: {
    module: 'nn.AdaptiveMaxPool2d',
    arguments: [pairs('output_size', 'outputSize'), ignoredArgument('return_indices', false, [false])],
  },
  keras: ({ outputSize }, input) => kerasAdaptive('max', outputSize, input),
  onnx: ['MaxPool'],
});
