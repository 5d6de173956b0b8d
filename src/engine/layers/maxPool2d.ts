/** MaxPool2d: the largest value under each position of a window (torch.nn.MaxPool2d). */
import { type Fields, pair } from './fields.ts';
import { ceilModeOverhang, isKerasSame, kerasCall, kerasPad, pairValue } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { ceilMode, kernelSize, poolStride, poolWindow, slidePool, stride } from './poolWindow.ts';
import { sizeOf } from './shape.ts';
import { flag, ignoredArgument, pairs } from './torchForm.ts';
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
    lowering.emit('maxPool2dForward', {
      x: lowering.input,
      y: lowering.output(),
      argmax,
      gate: 0,
      ...geometry,
    });
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

  pytorch: {
    module: 'nn.MaxPool2d',
    arguments: [
      { ...pairs('kernel_size', 'kernelSize'), named: true },
      poolStride,
      pairs('padding', 'padding', 0),
      pairs('dilation', 'dilation', 1),
      ignoredArgument('return_indices', false, [false]),
      flag('ceil_mode', 'ceilMode', false),
    ],
  },
  keras(params, input, output) {
    if (params.dilation.some(step => step > 1)) return { impossible: 'Keras has no dilation in pooling' };
    const window = poolWindow(params);
    const { kernelSize, stride } = params;
    const strides = pairText(stride) === pairText(kernelSize) ? undefined : pairValue(stride);
    const more = ceilModeOverhang(input, output, window);
    const sides = window.sides.map((side, i) => side + more[i]!) as [number, number, number, number];
    const same = sides.some(side => side > 0) && isKerasSame(input, { ...window, sides });
    const pool = kerasCall('MaxPooling2D', [pairValue(kernelSize)], {
      strides,
      padding: same ? 'same' : undefined,
    });
    return { calls: [...(same ? [] : kerasPad('lowest', sides)), pool] };
  },
  onnx: ['MaxPool'],
});
