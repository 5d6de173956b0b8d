/** GaussianNoise: in training, normally distributed noise is added. Keras has it; PyTorch has no such module. */
import { randomLayer } from './dropoutLayer.ts';
import { type Fields, number } from './fields.ts';
import { type CellsPicture, cells, gridOf } from './helpPicture.ts';
import { kerasCall } from './kerasForm.ts';
import { defineLayer } from './layer.ts';
import { sizeOf } from './shape.ts';
import { real } from './torchForm.ts';

const fields = {
  std: number({
    label: 'Standard deviation',
    help: 'How strong the noise is, in the units of what flows through.',
    initial: 0.1,
    min: 0,
  }),
} satisfies Fields;

/** Drawn once from a standard normal distribution, for the help's picture. */
const EXAMPLE_NOISE = [0.3, -1.1, 0.6, 1.4, -0.2, -0.7, 0.9, -1.6, 0.1];

function noisyPicture(std: number): CellsPicture {
  const clean = gridOf(3, 3, (y, x) => (x === 1 || y === 1 ? 1 : 0));
  return cells([[clean]], [gridOf(3, 3, (y, x) => clean[y]![x]! + std * EXAMPLE_NOISE[3 * y + x]!)]);
}

const definition = `class GaussianNoise(nn.Module):
    """Adds normally distributed noise while training."""

    def __init__(self, std):
        super().__init__()
        self.std = std

    def forward(self, x):
        return x + self.std * torch.randn_like(x) if self.training else x`;

export const gaussianNoise = defineLayer({
  ...randomLayer,
  kind: 'GaussianNoise',
  summary: 'Adds normally distributed noise while training.',
  help: 'A network that has to see through noise learns features that small changes of its input do not upset. Behind the Input it acts as augmentation, further in it blurs what features say. In evaluation nothing happens.',
  formula: 'y = x + σ · n, n drawn from a normal distribution; y = x in evaluation',
  picture: ({ std }) => noisyPicture(std),
  fields,
  examples: [
    { params: { std: 0 }, input: [5, 6, 7] },
    { params: { std: 0 }, input: [33] },
  ],
  detail: ({ std }) => `σ ${std}`,
  lower({ std }, lowering) {
    if (!lowering.training) return lowering.passThrough();
    const count = sizeOf(lowering.inputShape);
    const [x, y] = [lowering.input, lowering.output()];
    lowering.emit('gaussianNoiseForward', { x, y, count, key: lowering.randomKey, std });
    lowering.backward((dy, dx) => {
      if (dx) lowering.emit('copyBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, count });
    });
  },
  pytorch: { module: 'GaussianNoise', definition, arguments: [real('std', 'std')] },
  keras: ({ std }) => ({ calls: [kerasCall('GaussianNoise', [std])] }),
  onnx: [],
});
