/** DropPath: stochastic depth, image by image (torchvision.ops.StochasticDepth, mode="row"). */
import { byChance, droppedPicture, lowerDropout, neverDropping, probability } from './dropping.ts';
import type { Fields } from './fields.ts';
import { defineLayer } from './layer.ts';

const fields = {
  p: probability('Share dropped', 'The probability that the branch is left out for an image.', 0.1),
} satisfies Fields;

export const dropPath = defineLayer({
  ...byChance,
  kind: 'DropPath',
  summary: 'Leaves a branch out for an image, by chance, while training.',
  help: 'At the end of a residual branch, before Add: the image then takes the shortcut alone, and what is trained is many networks of different depth (Huang et al., 2016). In evaluation nothing happens.',
  formula: 'y = x / (1 − p), or 0 for the whole image with probability p; y = x in evaluation',
  picture: ({ p }) => droppedPicture(p, 'images'),
  fields,
  examples: [...neverDropping, { params: { p: 0 }, input: [33] }],
  detail: ({ p }) => `p ${p}`,
  lower: ({ p }, lowering) => lowerDropout(lowering, p, 1),
  pytorch: ({ p }) => `torchvision.ops.StochasticDepth(${p}, mode='row')`,
  // keras.layers.Dropout with a noise_shape of one number for each image.
  keras: 'Dropout',
  onnx: ['Dropout'],
});
