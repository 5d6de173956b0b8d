/** DropPath: stochastic depth, image by image (torchvision.ops.StochasticDepth, mode="row"). */
import { droppedPicture, lowerDropout, neverDropping, probability, randomLayer } from './dropoutLayer.ts';

import type { Fields } from './fields.ts';
import { kerasCall } from './kerasForm.ts';
import { defineLayer } from './layer.ts';
import { ignoredArgument, real } from './torchForm.ts';

const fields = {
  p: probability('Share dropped', 'The probability that the branch is left out for an image.', 0.1),
} satisfies Fields;

const definition = `class DropPath(nn.Module):
    """Leaves a branch out for an image, by chance, while training (stochastic depth)."""

    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return torch.zeros_like(x)
        kept = torch.rand(x.shape[0], *[1] * (x.dim() - 1), device=x.device) >= self.p
        return x * kept / (1 - self.p)`;

export const dropPath = defineLayer({
  ...randomLayer,
  kind: 'DropPath',
  summary: 'Leaves a branch out for an image, by chance, while training.',
  help: 'At the end of a residual branch, before Add: the image then takes the shortcut alone, and what is trained is many networks of different depth (Huang et al., 2016). In evaluation nothing happens.',
  formula: 'y = x / (1 − p), or 0 for the whole image with probability p; y = x in evaluation',
  picture: ({ p }) => droppedPicture(p, 'images'),
  fields,
  examples: [...neverDropping, { params: { p: 0 }, input: [33] }],
  detail: ({ p }) => `p ${p}`,
  lower: ({ p }, lowering) => lowerDropout(lowering, p, 1),
  pytorch: {
    module: 'DropPath',
    definition,
    arguments: [real('p', 'p'), ignoredArgument('mode', 'row', ['row'])],
  },
  keras: ({ p }, input) => ({
    calls: [kerasCall('Dropout', [p], { noise_shape: [null, ...input.map(() => 1)] })],
  }),
  onnx: ['Dropout'],
});
