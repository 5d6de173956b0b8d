/** GroupNorm: the channels of each image are normalised in groups (torch.nn.GroupNorm). */
import { type Fields, integer } from './fields.ts';
import { type KerasCall, kerasCall, unlessDefault } from './kerasForm.ts';
import { defineLayer } from './layer.ts';
import {
  affineCount,
  affineField,
  affineWeights,
  epsField,
  extentsOf,
  lowerGroupNorm,
  normalising,
  twoMacsPerNumber,
} from './normLayer.ts';
import { flag, flowsIn, real, whole } from './torchForm.ts';

const fields = {
  numGroups: integer({
    label: 'Groups',
    help: 'Into how many groups the channels are cut; each is normalised by itself.',
    initial: 8,
    min: 1,
  }),
  eps: epsField,
  affine: affineField(true),
} satisfies Fields;

function largestDivisor(channels: number, limit: number): number {
  let divisor = Math.min(channels, limit);
  while (channels % divisor !== 0) divisor--;
  return divisor;
}

export function kerasGroupNorm(groups: number, eps: number, affine: boolean): KerasCall {
  return kerasCall('GroupNormalization', [groups], {
    epsilon: eps,
    center: unlessDefault(true, affine),
    scale: unlessDefault(true, affine),
  });
}

export const groupNorm = defineLayer({
  ...normalising,
  kind: 'GroupNorm',
  summary: 'Brings groups of channels to mean 0 and deviation 1, image by image.',
  help: 'Does what BatchNorm2d does without looking at other images, so that it works with any batch, even of one, and is the same in training and in evaluation (Wu, He, 2018).',
  formula: 'y = (x − mean) / √(variance + ε) · γ + β',
  picture: () => ({ view: 'axes', images: 'one', channels: 'group', pixels: 'all' }),
  fields,
  examples: [
    { params: { numGroups: 3 }, input: [6, 5, 7] },
    { params: { numGroups: 1, eps: 0.01 }, input: [5, 3, 3] },
    { params: { numGroups: 11 }, input: [11, 3, 5] },
    { params: { numGroups: 2, affine: false }, input: [10, 4, 3] },
    { params: { numGroups: 4 }, input: [12] },
    { params: { numGroups: 2 }, input: [522, 1, 2] },
  ],
  detail: ({ numGroups }) => `g${numGroups}`,

  shape(params, input) {
    const { numGroups } = params;
    const [channels] = input as [number];
    if (channels % numGroups === 0) return normalising.shape(params, input);
    const fitting = largestDivisor(channels, numGroups);
    return {
      fault: {
        code: 'channels-not-divisible-by-groups',
        message: `${numGroups} groups must divide the ${channels} channels.`,
        repairs: [{ title: `Use ${fitting} groups`, setParams: { numGroups: fitting } }],
      },
    };
  },

  weights: ({ affine }, input) => (affine ? affineWeights(input[0]!) : []),
  countFormula: ({ affine }, input) => affineCount(affine, input[0]!),
  macs: twoMacsPerNumber,

  lower({ numGroups: groups, eps, affine }, lowering) {
    const extents = extentsOf(lowering.inputShape);
    if (lowering.batch * extents.pixels * (extents.channels / groups) === 1) {
      lowering.refuse(
        'group-norm-with-one-value',
        'with a batch of one image, each group has one value, which has no variance. Use fewer groups.',
      );
    }
    lowerGroupNorm(lowering, affine, { ...extents, groups, eps });
  },

  pytorch: {
    module: 'nn.GroupNorm',
    arguments: [
      whole('num_groups', 'numGroups'),
      flowsIn('num_channels'),
      real('eps', 'eps', 1e-5),
      flag('affine', 'affine', true),
    ],
  },
  keras: ({ numGroups, eps, affine }) => ({ calls: [kerasGroupNorm(numGroups, eps, affine)] }),
  onnx: ['GroupNormalization'],
});
