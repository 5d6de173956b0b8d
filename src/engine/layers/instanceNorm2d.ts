/**
 * InstanceNorm2d: each channel of each image is normalised by its own statistics (torch.nn.InstanceNorm2d). Computed as
 * GroupNorm with one channel per group.
 */
import type { Fields } from './fields.ts';
import { kerasGroupNorm } from './groupNorm.ts';
import { defineLayer } from './layer.ts';
import {
  affineCount,
  affineField,
  affineWeights,
  epsField,
  extentsOf,
  frozenTorch,
  lowerGroupNorm,
  lowerRunningNorm,
  momentumField,
  normalising,
  runningStatistics,
  trackRunningStatsField,
  twoMacsPerNumber,
} from './normLayer.ts';
import { sizeOf } from './shape.ts';
import { flag, flowsIn, real } from './torchForm.ts';
import { vectorInputFault } from './window.ts';

const fields = {
  eps: epsField,
  momentum: momentumField,
  affine: affineField(false),
  trackRunningStats: trackRunningStatsField(false),
} satisfies Fields;

export const instanceNorm2d = defineLayer({
  ...normalising,
  kind: 'InstanceNorm2d',
  summary: 'Brings each channel of each image to mean 0 and deviation 1.',
  help: 'Takes out how bright and how contrasted a feature is in an image, and leaves where it is. It serves style transfer and networks that make images; classifiers often lose by it, since how strong a feature is tells them something.',
  formula: 'y = (x − mean) / √(variance + ε) · γ + β',
  picture: () => ({ view: 'axes', images: 'one', channels: 'one', pixels: 'all' }),
  fields,
  examples: [
    { params: {}, input: [5, 6, 7] },
    { params: { affine: true, eps: 0.01 }, input: [11, 3, 5] },
    { params: { affine: true, trackRunningStats: true, momentum: 0.3 }, input: [3, 5, 5] },
    { params: { trackRunningStats: true }, input: [9, 2, 1] },
  ],
  detail: ({ affine }) => (affine ? 'affine' : ''),

  shape(params, input) {
    const fault = vectorInputFault('InstanceNorm2d', input);
    if (fault) return { fault };
    if (sizeOf(input.slice(1)) > 1) return normalising.shape(params, input);
    return {
      fault: {
        code: 'instance-norm-of-one-pixel',
        message: 'InstanceNorm2d normalises over the pixels of an image, and this one has a single pixel.',
        repairs: [],
      },
    };
  },

  weights({ affine, trackRunningStats }, input) {
    const [channels] = input as [number];
    return [
      ...(affine ? affineWeights(channels) : []),
      ...(trackRunningStats ? runningStatistics(channels) : []),
    ];
  },
  countFormula: ({ affine }, input) => affineCount(affine, input[0]!),
  macs: twoMacsPerNumber,

  lower({ eps, momentum, affine, trackRunningStats }, lowering) {
    if (trackRunningStats && (lowering.frozen || !lowering.training)) {
      lowerRunningNorm(lowering, affine, eps);
      return;
    }
    const extents = extentsOf(lowering.inputShape);
    const statistics = lowerGroupNorm(lowering, affine, { ...extents, groups: extents.channels, eps });
    if (!trackRunningStats) return;
    lowering.emit('instanceNormRunning', {
      ...statistics,
      runningMean: lowering.weight('running_mean'),
      runningVariance: lowering.weight('running_var'),
      ...extents,
      momentum,
    });
  },

  pytorch: {
    module: 'nn.InstanceNorm2d',
    frozen: frozenTorch('nn.InstanceNorm2d'),
    arguments: [
      flowsIn('num_features'),
      real('eps', 'eps', 1e-5),
      real('momentum', 'momentum', 0.1),
      flag('affine', 'affine', false),
      flag('track_running_stats', 'trackRunningStats', false),
    ],
  },
  keras({ eps, affine, trackRunningStats }, input) {
    if (trackRunningStats) {
      return { impossible: 'Keras keeps no running statistics of single images' };
    }
    return { calls: [kerasGroupNorm(input[0]!, eps, affine)] };
  },
  onnx: ['InstanceNormalization'],
});
