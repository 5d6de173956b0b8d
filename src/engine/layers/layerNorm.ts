/**
 * LayerNorm: each image or vector is normalised by its own statistics (torch.nn.LayerNorm over channels, height and
 * width, or over features). Computed as GroupNorm with one group, the image taken as a vector.
 */
import { type Fields, toggle } from './fields.ts';
import { kerasCall, unlessDefault } from './kerasForm.ts';
import { defineLayer, imageWeight } from './layer.ts';
import { epsField, lowerGroupNorm, normalising, twoMacsPerNumber } from './normLayer.ts';
import { shapeText, sizeOf } from './shape.ts';
import { flag, flowsIn, real } from './torchForm.ts';

const fields = {
  eps: epsField,
  elementwiseAffine: toggle({
    label: 'Elementwise affine',
    help: 'Learns a scale and a shift for each number.',
    initial: true,
  }),
} satisfies Fields;

export const layerNorm = defineLayer({
  ...normalising,
  kind: 'LayerNorm',
  summary: 'Brings each image or vector as a whole to mean 0 and deviation 1.',
  help: 'Looks at one image only, so that the size of the batch does not matter (Ba et al., 2016). Usual on vectors. On an image it learns a scale and a shift for every number of it, so that the network takes images of one size only; GroupNorm with one group does not.',
  formula: 'y = (x − mean) / √(variance + ε) · γ + β',
  picture: () => ({ view: 'axes', images: 'one', channels: 'all', pixels: 'all' }),
  fields,
  examples: [
    { params: {}, input: [5, 6, 7] },
    { params: { eps: 0.01 }, input: [33] },
    { params: { elementwiseAffine: false }, input: [3, 5, 4] },
    { params: {}, input: [300] },
  ],
  detail: ({ elementwiseAffine }) => (elementwiseAffine ? '' : 'not affine'),
  weights: ({ elementwiseAffine }, input) =>
    elementwiseAffine
      ? [imageWeight('weight', input, { constant: 1 }), imageWeight('bias', input, { constant: 0 })]
      : [],
  countFormula: ({ elementwiseAffine }, input) =>
    elementwiseAffine ? `2 · ${shapeText(input).replaceAll('×', ' · ')}` : '0: nothing to learn',
  macs: twoMacsPerNumber,
  lower({ eps, elementwiseAffine }, lowering) {
    const channels = sizeOf(lowering.inputShape);
    lowerGroupNorm(lowering, elementwiseAffine, { channels, pixels: 1, groups: 1, eps });
  },
  pytorch: {
    module: 'nn.LayerNorm',
    arguments: [
      flowsIn('normalized_shape', input => (input.length === 1 ? input[0]! : input)),
      real('eps', 'eps', 1e-5),
      flag('elementwise_affine', 'elementwiseAffine', true),
    ],
  },
  keras: ({ eps, elementwiseAffine }, input) => ({
    calls: [
      kerasCall('LayerNormalization', [], {
        axis: input.length === 1 ? undefined : [1, 2, 3],
        epsilon: eps,
        center: unlessDefault(true, elementwiseAffine),
        scale: unlessDefault(true, elementwiseAffine),
      }),
    ],
  }),
  onnx: ['LayerNormalization'],
});
