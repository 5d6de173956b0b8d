/** AvgPool2d: the mean under each position of a window (torch.nn.AvgPool2d). */
import { type Fields, pair, toggle } from './fields.ts';
import { ceilModeOverhang, type KerasClass, kerasCall, nestedSides, pairValue } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { ceilMode, kernelSize, poolStride, poolWindow, slidePool, stride } from './poolWindow.ts';
import { flag, ignoredArgument, pairs } from './torchForm.ts';
import { geometryOf, pairCode, pairText, reachOf } from './window.ts';

const fields = {
  kernelSize,
  stride,
  padding: pair({
    label: 'Padding',
    help: 'Rows and columns of zeros around the image. At most half the window.',
    initial: [0, 0],
  }),
  ceilMode,
  countIncludePad: toggle({
    label: 'Count padding',
    help: 'Whether the zeros of the padding count as pixels of a window. If not, its border is as bright as its middle.',
    initial: true,
  }),
} satisfies Fields;

const kerasAverage: KerasClass = {
  name: 'AveragePool2D',
  text: `class AveragePool2D(layers.Layer):
    """Means of windows that reach over the border, each divided by the pixels that count, as in PyTorch."""

    def __init__(self, pool_size, strides, padding, beyond, count_padding, **kwargs):
        super().__init__(**kwargs)
        self.pool_size, self.strides = pool_size, strides
        self.padding, self.beyond, self.count_padding = padding, beyond, count_padding

    def mean(self, x, value):
        x = ops.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=value)
        x = ops.pad(x, ((0, 0), *self.beyond, (0, 0)))
        return ops.average_pool(x, self.pool_size, self.strides, "valid")

    def call(self, x):
        counted = self.mean(ops.ones_like(x), 1.0 if self.count_padding else 0.0)
        return self.mean(x, 0.0) / counted`,
};

export const avgPool2d = defineLayer({
  ...withoutWeights,
  kind: 'AvgPool2d',
  traits: ['averages'],
  family: 'pooling',
  summary: 'The mean of each window.',
  help: 'Makes the image smaller and keeps how strong a feature is on the whole, where MaxPool2d keeps its strongest place. Gradients flow back to every pixel of a window. It learns nothing.',
  formula: 'y[c, i, j] = mean over m, n: x[c, s·i + m − p, s·j + n − p]\nsize = ⌊(n + 2·p − k) / s⌋ + 1',
  picture: params => ({ view: 'window', way: 'gather', ...poolWindow(params) }),
  fields,
  inputs: 1,
  examples: [
    { params: {}, input: [3, 8, 8] },
    { params: { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] }, input: [9, 7, 9] },
    {
      params: { kernelSize: [3, 2], stride: [1, 2], padding: [1, 1], countIncludePad: false },
      input: [4, 6, 7],
    },
    { params: { kernelSize: [2, 2], stride: [3, 3] }, input: [2, 8, 8] },
    { params: { kernelSize: [3, 4], stride: [2, 3], padding: [1, 2], ceilMode: true }, input: [5, 8, 9] },
    {
      params: { kernelSize: [3, 3], padding: [1, 0], ceilMode: true, countIncludePad: false },
      input: [3, 8, 6],
    },
    { params: { kernelSize: [3, 3], stride: [2, 2], ceilMode: true }, input: [1, 2, 4] },
  ],

  detail: ({ kernelSize, stride }) => `${pairText(kernelSize)} · s${pairCode(stride)}`,

  shape: (params, input) => slidePool('AvgPool2d', params, input),

  macs: () => ({ value: 0, why: '0: additions, and one division for each window' }),

  reach: params => reachOf(poolWindow(params)),

  lower(params, lowering) {
    const { inputShape, outputShape } = lowering;
    const operands = {
      countIncludePad: params.countIncludePad ? 1 : 0,
      ...geometryOf(inputShape, outputShape, poolWindow(params), inputShape[0]!),
    };
    lowering.emit('avgPool2dForward', { x: lowering.input, y: lowering.output(), ...operands });
    lowering.backward((dy, dx) => {
      if (!dx) return;
      lowering.emit('avgPool2dBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, ...operands });
    });
  },

  pytorch: {
    module: 'nn.AvgPool2d',
    arguments: [
      { ...pairs('kernel_size', 'kernelSize'), named: true },
      poolStride,
      pairs('padding', 'padding', 0),
      flag('ceil_mode', 'ceilMode', false),
      flag('count_include_pad', 'countIncludePad', true),
      ignoredArgument('divisor_override', null, [null]),
    ],
  },
  keras(params, input, output) {
    const window = poolWindow(params);
    const more = ceilModeOverhang(input, output, window);
    const { kernelSize, stride, countIncludePad } = params;
    const strides = pairText(stride) === pairText(kernelSize) ? undefined : pairValue(stride);
    const isInside = [...window.sides, ...more].every(side => side === 0);
    if (isInside) return { calls: [kerasCall('AveragePooling2D', [pairValue(kernelSize)], { strides })] };
    const settings = [kernelSize, stride, nestedSides(window.sides), nestedSides(more), countIncludePad];
    return { calls: [kerasCall(kerasAverage, settings)] };
  },
  onnx: ['AveragePool'],
});
