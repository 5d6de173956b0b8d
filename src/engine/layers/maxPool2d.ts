/** MaxPool2d: the largest value under each position of a window (torch.nn.MaxPool2d). */
import { type Fields, pair } from './fields.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { ceilMode, kernelSize, poolWindow, slidePool, stride } from './poolWindow.ts';
import { sizeOf } from './shape.ts';
import { geometryOf, pairCode, pairText, reachOf } from './window.ts';

const fields = {
  kernelSize,
  stride,
  padding: pair({
    label: 'Padding',
    help: 'Rows and columns added around the image; they never win. At most half the window.',
    initial: [0, 0],
  }),
  dilation: pair({ label: 'Dilation', help: 'Distance between the pixels read.', initial: [1, 1], min: 1 }),
  ceilMode,
} satisfies Fields;

export const maxPool2d = defineLayer({
  ...withoutWeights,
  kind: 'MaxPool2d',
  family: 'pooling',
  summary: 'Keeps the largest value of each window.',
  help: 'Makes the image smaller and keeps the strongest evidence in each window, so that small shifts of the input change little. It learns nothing.',
  formula:
    'y[c, i, j] = max over m, n: x[c, s·i + d·m − p, s·j + d·n − p]\nsize = ⌊(n + 2·p − d·(k − 1) − 1) / s⌋ + 1',
  picture: params => ({ view: 'window', way: 'gather', ...poolWindow(params) }),
  fields,
  inputs: 1,
  examples: [
    { params: {}, input: [3, 8, 8] },
    { params: { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] }, input: [9, 7, 9] },
    { params: { kernelSize: [2, 3], stride: [1, 2], padding: [0, 1] }, input: [4, 6, 7] },
    { params: { kernelSize: [2, 2], stride: [3, 3] }, input: [2, 8, 8] },
    { params: { kernelSize: [2, 2], stride: [1, 1], dilation: [2, 3] }, input: [2, 7, 7] },
    { params: { kernelSize: [3, 2], stride: [2, 2], ceilMode: true }, input: [3, 8, 7] },
    { params: { stride: [3, 3], padding: [1, 1], ceilMode: true }, input: [9, 8, 6] },
    { params: { kernelSize: [3, 3], dilation: [2, 1], ceilMode: true }, input: [2, 4, 2] },
  ],

  detail: ({ kernelSize, stride }) => `${pairText(kernelSize)} · s${pairCode(stride)}`,

  shape: (params, input) => slidePool('MaxPool2d', params, input),

  macs: () => ({ value: 0, why: '0: comparisons, no multiplications' }),

  reach: params => reachOf(poolWindow(params)),

  lower(params, lowering) {
    const { inputShape, outputShape } = lowering;
    const geometry = geometryOf(inputShape, outputShape, poolWindow(params), inputShape[0]!);
    const argmax = lowering.temporary('argmax', lowering.batch * sizeOf(outputShape), 'int32');
    lowering.emit('maxPool2dForward', { x: lowering.input, y: lowering.output(), argmax, ...geometry });
    lowering.backward((dy, dx) => {
      if (!dx) return;
      lowering.emit('maxPool2dBackward', {
        dy,
        argmax,
        dx: dx.tensor,
        accumulate: dx.accumulate,
        ...geometry,
      });
    });
  },

  pytorch({ kernelSize, stride, padding, dilation, ceilMode }) {
    const args = [`kernel_size=${pairCode(kernelSize)}`, `stride=${pairCode(stride)}`];
    if (padding.some(pixels => pixels > 0)) args.push(`padding=${pairCode(padding)}`);
    if (dilation.some(step => step !== 1)) args.push(`dilation=${pairCode(dilation)}`);
    if (ceilMode) args.push('ceil_mode=True');
    return `nn.MaxPool2d(${args.join(', ')})`;
  },
  keras: 'MaxPooling2D',
  onnx: ['MaxPool'],
});
