/** PixelShuffle: rearranges channels into a larger image (torch.nn.PixelShuffle; Shi et al., 2016). */
import { type Fields, integer } from './fields.ts';
import { type CellsPicture, cells, gridOf } from './helpPicture.ts';
import { type KerasClass, kerasCall } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import { bothAxes, enlarged } from './pixelReach.ts';
import { whole } from './torchForm.ts';
import { imagesOf, vectorInputFault } from './window.ts';

const fields = {
  upscaleFactor: integer({
    label: 'Scale',
    help: 'How many times higher and wider the image becomes. Its square divides the channels.',
    initial: 2,
    min: 1,
  }),
} satisfies Fields;

/** The help's picture: the channels of one output image. */
function shuffled(factor: number): CellsPicture {
  const input = Array.from({ length: factor ** 2 }, (_, channel) => gridOf(2, 2, () => channel));
  const at = (y: number, x: number) => (y % factor) * factor + (x % factor);
  return cells([input], [gridOf(2 * factor, 2 * factor, at)]);
}

const kerasShuffle: KerasClass = {
  name: 'PixelShuffle',
  text: `class PixelShuffle(layers.Layer):
    """Lays channels out as pixels, in PyTorch's order."""

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        _, height, width, channels = x.shape
        r = self.factor
        x = ops.reshape(x, (-1, height, width, channels // (r * r), r, r))
        x = ops.transpose(x, (0, 1, 4, 2, 5, 3))
        return ops.reshape(x, (-1, height * r, width * r, channels // (r * r)))`,
};

export const pixelShuffle = defineLayer({
  ...withoutWeights,
  kind: 'PixelShuffle',
  family: 'pooling',
  summary: 'Lays channels out as pixels.',
  help: 'A convolution before it computes the pixels of the larger image as channels of the smaller one, at a fraction of the cost; this layer only puts them in their places. Made for super-resolution.',
  formula: 'y[c, r·i + m, r·j + n] = x[c·r² + r·m + n, i, j]',
  picture: ({ upscaleFactor }) => shuffled(Math.min(3, upscaleFactor)),
  fields,
  inputs: 1,
  examples: [
    { params: {}, input: [4, 3, 5] },
    { params: { upscaleFactor: 3 }, input: [18, 2, 3] },
    { params: {}, input: [20, 4, 3] },
  ],
  detail: ({ upscaleFactor }) => `×${upscaleFactor}`,
  shape({ upscaleFactor: r }, input) {
    const fault = vectorInputFault('PixelShuffle', input);
    if (fault) return { fault };
    const [channels, height, width] = input as [number, number, number];
    if (channels % (r * r) !== 0) {
      const outChannels = Math.ceil(channels / (r * r)) * r * r;
      return {
        fault: {
          code: 'channels-not-divisible-by-square',
          message: `PixelShuffle wants a multiple of ${r}² = ${r * r} channels; it gets ${channels}.`,
          repairs: [
            {
              title: `Insert a 1×1 Conv2d to ${outChannels} channels`,
              insertBefore: {
                kind: 'Conv2d',
                params: { outChannels, kernelSize: [1, 1], padding: [0, 0, 0, 0] },
              },
            },
          ],
        },
      };
    }
    const value = [channels / (r * r), height * r, width * r];
    return { shape: { value, why: `${channels} / ${r}² × ${height}·${r} × ${width}·${r}` } };
  },
  macs: () => ({ value: 0, why: '0: numbers change places' }),
  reach: ({ upscaleFactor }) => bothAxes(enlarged(upscaleFactor), enlarged(upscaleFactor)),
  lower({ upscaleFactor }, lowering) {
    const operands = { factor: upscaleFactor, ...imagesOf(lowering.inputShape, lowering.outputShape) };
    lowering.emit('pixelShuffleForward', { x: lowering.input, y: lowering.output(), ...operands });
    lowering.backward((dy, dx) => {
      if (!dx) return;
      lowering.emit('pixelShuffleBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, ...operands });
    });
  },
  pytorch: { module: 'nn.PixelShuffle', arguments: [whole('upscale_factor', 'upscaleFactor')] },
  keras: ({ upscaleFactor }) => ({ calls: [kerasCall(kerasShuffle, [upscaleFactor])] }),
  onnx: ['DepthToSpace'],
});
