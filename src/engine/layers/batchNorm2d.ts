/**
 * BatchNorm2d: each channel is normalised over all pixels of the batch (torch.nn.BatchNorm2d). `momentum=None`,
 * PyTorch's plain average over all batches, is not offered; `num_batches_tracked`, which serves it, is not kept.
 */
import type { Fields, Values } from './fields.ts';
import { kerasCall, unlessDefault } from './kerasForm.ts';
import { defineLayer } from './layer.ts';
import type { Lowering } from './lowering.ts';
import {
  affineCount,
  affineField,
  affineWeights,
  emitAffineGradients,
  epsField,
  extentsOf,
  frozenTorch,
  lowerRunningNorm,
  momentumField,
  normalising,
  runningStatistics,
  trackRunningStatsField,
} from './normLayer.ts';
import { flag, flowsIn, real } from './torchForm.ts';
import { vectorInputFault } from './window.ts';

const fields = {
  eps: epsField,
  momentum: momentumField,
  affine: affineField(true),
  trackRunningStats: trackRunningStatsField(true),
} satisfies Fields;

/** In how many partial sums the statistics are computed: enough for many workers, and independent of their number. */
const STATISTICS_PARTS = 16;

export const batchNorm2d = defineLayer({
  ...normalising,
  kind: 'BatchNorm2d',
  traits: ['batchStatistics'],
  summary: 'Brings each channel to mean 0 and deviation 1 over the batch.',
  help: 'Each layer then gets numbers of a known size, whatever those before it learn, so that deep networks train fast and with large steps (Ioffe, Szegedy, 2015). In evaluation it takes averages that it kept while training. Poor with very small batches: GroupNorm does not mind them. A bias just before it has no effect.',
  formula: 'y = (x − mean) / √(variance + ε) · γ + β',
  picture: () => ({ view: 'axes', images: 'all', channels: 'one', pixels: 'all' }),
  fields,
  examples: [
    { params: {}, input: [5, 6, 7] },
    { params: { eps: 0.01, momentum: 0.3 }, input: [11, 3, 5] },
    { params: { affine: false }, input: [3, 5, 5] },
    { params: { trackRunningStats: false }, input: [8, 4, 3] },
    { params: {}, input: [9, 1, 1] },
    { params: {}, input: [259, 2, 1] },
  ],
  detail: ({ affine }) => (affine ? '' : 'not affine'),

  shape(params, input) {
    const fault = vectorInputFault('BatchNorm2d', input);
    return fault ? { fault } : normalising.shape(params, input);
  },

  weights({ affine, trackRunningStats }, input) {
    const [channels] = input as [number];
    return [
      ...(affine ? affineWeights(channels) : []),
      ...(trackRunningStats ? runningStatistics(channels) : []),
    ];
  },
  countFormula: ({ affine }, input) => affineCount(affine, input[0]!),
  macs: () => ({ value: 0, why: '0: in use it is folded into the layer before it' }),

  lower(params, lowering) {
    const { affine, trackRunningStats, eps } = params;
    const settled = trackRunningStats && (lowering.frozen || !lowering.training);
    if (settled) lowerRunningNorm(lowering, affine, eps);
    else lowerBatchNorm(params, lowering);
  },

  pytorch: {
    module: 'nn.BatchNorm2d',
    frozen: frozenTorch('nn.BatchNorm2d'),
    arguments: [
      flowsIn('num_features'),
      real('eps', 'eps', 1e-5),
      real('momentum', 'momentum', 0.1),
      flag('affine', 'affine', true),
      flag('track_running_stats', 'trackRunningStats', true),
    ],
  },
  keras({ eps, momentum, affine, trackRunningStats }) {
    if (!trackRunningStats) {
      return {
        impossible: 'Keras normalises by running statistics in evaluation, and this layer keeps none',
      };
    }
    const named = { momentum: Number((1 - momentum).toPrecision(12)), epsilon: eps };
    return {
      calls: [
        kerasCall('BatchNormalization', [], {
          ...named,
          center: unlessDefault(true, affine),
          scale: unlessDefault(true, affine),
        }),
      ],
    };
  },
  onnx: ['BatchNormalization'],
});

/** Emits BatchNorm2d with batch statistics, and its backward pass. */
function lowerBatchNorm(
  { eps, momentum, affine, trackRunningStats }: Values<typeof fields>,
  lowering: Lowering,
): void {
  const extents = extentsOf(lowering.inputShape);
  const { channels } = extents;
  if (lowering.batch * extents.pixels === 1) {
    lowering.refuse(
      'batch-norm-with-one-value',
      'with a batch of one image and an image of one pixel, each channel has one value, which has no variance. Use a larger batch.',
    );
  }
  const x = lowering.input;
  const partials = () => lowering.temporary('partials', STATISTICS_PARTS * 2 * channels, 'float64');
  const statistics = {
    mean: lowering.temporary('mean', channels),
    variance: lowering.temporary('variance', channels),
  };
  const running = {
    runningMean: trackRunningStats ? lowering.weight('running_mean') : null,
    runningVariance: trackRunningStats ? lowering.weight('running_var') : null,
    momentum,
  };
  const weight = affine ? lowering.weight('weight') : null;
  const bias = affine ? lowering.weight('bias') : null;
  const parted = { partials: partials(), parts: STATISTICS_PARTS };
  lowering.emit('batchNormStatistics', { x, ...parted, ...extents });
  lowering.emit('batchNormCombine', { ...parted, ...statistics, ...running, ...extents });
  lowering.emit('batchNormForward', {
    x,
    ...statistics,
    weight,
    bias,
    addend: null,
    y: lowering.output(),
    ...extents,
    eps,
    ceiling: 0,
  });
  lowering.backward((dy, dx) => {
    const found = { partials: partials(), parts: STATISTICS_PARTS };
    const sums = lowering.temporary('sums', 2 * channels, 'float64');
    const normalised = { x, dy, ...statistics, weight, bias, ...extents, eps, ceiling: 0 };
    lowering.emit('batchNormBackwardStatistics', { ...normalised, ...found });
    emitAffineGradients(lowering, affine, { ...found, sums, channels });
    if (!dx) return;
    const flow = { dx: dx.tensor, accumulate: dx.accumulate };
    lowering.emit('batchNormBackwardInput', { ...normalised, sums, ...flow });
  });
}
