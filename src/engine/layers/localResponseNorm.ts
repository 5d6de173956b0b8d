/**
 * LocalResponseNorm: each value is divided by a sum of squares over neighbouring channels (torch.nn.LocalResponseNorm).
 */
import { type Fields, integer, number } from './fields.ts';
import { type KerasClass, kerasCall } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { extentsOf, normalising } from './normLayer.ts';
import { shapeText, sizeOf } from './shape.ts';
import { real, whole } from './torchForm.ts';
import { vectorInputFault } from './window.ts';

const fields = {
  size: integer({
    label: 'Neighbours',
    help: 'How many neighbouring channels damp a number, itself included.',
    initial: 5,
    min: 1,
  }),
  alpha: number({ label: 'Alpha', help: 'How strongly they damp it.', initial: 1e-4, min: 0 }),
  beta: number({ label: 'Beta', help: 'The exponent of the damping.', initial: 0.75, min: 0 }),
  k: number({ label: 'k', help: 'What is divided by where the neighbours are silent.', initial: 1, min: 0 }),
} satisfies Fields;

/** TensorFlow has a function for it, Keras no layer. */
const kerasResponseNorm: KerasClass = {
  name: 'LocalResponseNorm',
  text: `class LocalResponseNorm(layers.Layer):
    """Each number is damped by its neighbours among the channels, as in PyTorch."""

    def __init__(self, size, alpha, beta, k, **kwargs):
        super().__init__(**kwargs)
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def call(self, x):
        channels = x.shape[-1]
        around = (self.size // 2, (self.size - 1) // 2)
        squares = ops.pad(ops.square(x), ((0, 0), (0, 0), (0, 0), around))
        total = sum(squares[..., i : i + channels] for i in range(self.size))
        return x / ops.power(self.k + self.alpha / self.size * total, self.beta)`,
};

export const localResponseNorm = defineLayer({
  ...normalising,
  ...withoutWeights,
  kind: 'LocalResponseNorm',
  summary: 'Damps what its neighbouring channels say too.',
  help: 'Channels compete at each pixel: a strong one makes those beside it weaker. AlexNet and GoogLeNet have it; BatchNorm2d took its place. Alpha is divided by the number of neighbours, as in PyTorch.',
  formula: 'y = x / (k + α / size · Σ of the neighbours’ x²)^β',
  picture: () => ({ view: 'axes', images: 'one', channels: 'neighbours', pixels: 'one' }),
  fields,
  examples: [
    { params: { alpha: 0.5 }, input: [11, 3, 5] },
    { params: { size: 4, alpha: 0.9, beta: 0.6, k: 2 }, input: [6, 4, 3] },
    { params: { size: 9, alpha: 1.5, beta: 1 }, input: [3, 3, 3] },
    { params: { size: 1, alpha: 1 }, input: [5, 2, 3] },
    { params: {}, input: [9, 4, 4] },
  ],
  detail: ({ size }) => `${size}`,
  shape(params, input) {
    const fault = vectorInputFault('LocalResponseNorm', input);
    return fault ? { fault } : normalising.shape(params, input);
  },
  macs: ({ size }, input) => ({
    value: (size + 1) * sizeOf(input),
    why: `(${size} + 1) · ${shapeText(input).replaceAll('×', ' · ')}: the squares of the neighbours, and its scaling`,
  }),
  lower({ size, alpha, beta, k }, lowering) {
    const shared = { ...extentsOf(lowering.inputShape), size, alpha, beta };
    const [x, y] = [lowering.input, lowering.output()];
    const scale = lowering.temporary('scale', y.count);
    lowering.emit('localResponseNormForward', { x, y, scale, k, ...shared });
    lowering.backward((dy, dx) => {
      if (!dx) return;
      const [ratio, sum] = [lowering.temporary('ratio', y.count), lowering.temporary('sum', y.count)];
      const flow = { dx: dx.tensor, accumulate: dx.accumulate };
      lowering.emit('localResponseNormBackward', { x, y, scale, dy, ratio, sum, ...flow, ...shared });
    });
  },
  pytorch: {
    module: 'nn.LocalResponseNorm',
    arguments: [
      whole('size', 'size'),
      real('alpha', 'alpha', 1e-4),
      real('beta', 'beta', 0.75),
      real('k', 'k', 1),
    ],
  },
  keras: ({ size, alpha, beta, k }) => ({ calls: [kerasCall(kerasResponseNorm, [size, alpha, beta, k])] }),
  onnx: ['LRN'],
});
