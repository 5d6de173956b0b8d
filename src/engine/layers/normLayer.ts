/**
 * What the normalisations share: fields, weights, and the instructions of those with statistics per image. Statistics
 * are not counted in receptive fields, as is usual: two numbers say little about a single pixel.
 */
import { number, toggle } from './fields.ts';
import { type Explained, flatWeight, pointwise, type Weight } from './layer.ts';
import type { Lowering, Tensor } from './lowering.ts';
import { type Shape, shapeText, sizeOf } from './shape.ts';

export const epsField = number({
  label: 'Epsilon',
  help: 'Added to the variance, so that nothing is divided by zero.',
  initial: 1e-5,
  min: 0,
});

export const momentumField = number({
  label: 'Momentum',
  help: 'How far the running statistics move towards those of each batch.',
  initial: 0.1,
  min: 0,
  max: 1,
});

export function affineField(initial: boolean) {
  return toggle({ label: 'Affine', help: 'Learns a scale and a shift for each channel.', initial });
}

export function trackRunningStatsField(initial: boolean) {
  return toggle({
    label: 'Running statistics',
    help: 'Keeps averages while training, and normalises by them in evaluation.',
    initial,
  });
}

/** Members of a normalisation kind. */
export const normalising = { ...pointwise, family: 'normalisation', inputs: 1 } as const;

/** Multiply-accumulates: two per number, for statistics and scaling. */
export function twoMacsPerNumber(_params: unknown, input: Shape): Explained<number> {
  const product = shapeText(input).replaceAll('×', ' · ');
  return { value: 2 * sizeOf(input), why: `2 · ${product}: its square, and its scaling` };
}

/** A scale (weight) and a shift (bias) per channel. */
export function affineWeights(channels: number): readonly Weight[] {
  return [flatWeight('weight', [channels], { constant: 1 }), flatWeight('bias', [channels], { constant: 0 })];
}

export function runningStatistics(channels: number): readonly Weight[] {
  return [
    flatWeight('running_mean', [channels], { constant: 0 }, 'buffer'),
    flatWeight('running_var', [channels], { constant: 1 }, 'buffer'),
  ];
}

/**
 * PyTorch code of a frozen layer with running statistics: a class that stays in evaluation mode.
 * @param module the module that it derives from: `nn.BatchNorm2d`
 */
export function frozenTorch(module: string): { module: string; definition: string } {
  const name = `Frozen${module.split('.').at(-1)}`;
  const definition = `class ${name}(${module}):
    """Normalises by the statistics that it has, and keeps them, also while other layers learn."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.eval()

    def train(self, mode=True):
        return super().train(False)`;
  return { module: name, definition };
}

export function affineCount(affine: boolean, channels: number): string {
  return affine ? `2 · ${channels}` : '0: nothing to learn';
}

/** Channels and pixels of an image; a vector has one pixel. */
export function extentsOf(shape: Shape): { channels: number; pixels: number } {
  return { channels: shape[0]!, pixels: sizeOf(shape.slice(1)) };
}

/**
 * Over how many groups of images a gradient is summed apart: enough tasks for many workers, and independent of their
 * number.
 */
const GRADIENT_PARTS = 8;

/** From this many channels on, blocks of channels are enough tasks; partial sums would only take memory. */
const MANY_CHANNELS = 4096;

interface Grouping {
  readonly channels: number;
  readonly pixels: number;
  readonly groups: number;
  readonly eps: number;
}

/** Emits the gradients of weight and bias from partial sums; nothing where neither they nor `sums` are needed. */
export function emitAffineGradients(
  lowering: Lowering,
  affine: boolean,
  {
    partials,
    sums,
    channels,
    parts,
  }: { partials: Tensor; sums: Tensor | null; channels: number; parts: number },
): void {
  const dWeight = affine ? lowering.weightGradient('weight') : null;
  const dBias = affine ? lowering.weightGradient('bias') : null;
  lowering.emit('normGradients', { partials, sums, dWeight, dBias, channels, parts });
}

/**
 * Emits normalisation by groups of channels of each image, and its backward pass.
 * @returns mean and variance of each group of each image
 */
export function lowerGroupNorm(
  lowering: Lowering,
  affine: boolean,
  grouping: Grouping,
): { mean: Tensor; variance: Tensor } {
  const { channels, groups } = grouping;
  const { batch, input: x } = lowering;
  const statistics = {
    mean: lowering.temporary('mean', batch * groups),
    variance: lowering.temporary('variance', batch * groups),
  };
  const weight = affine ? lowering.weight('weight') : null;
  const bias = affine ? lowering.weight('bias') : null;
  lowering.emit('groupNormForward', { x, weight, bias, y: lowering.output(), ...statistics, ...grouping });
  lowering.backward((dy, dx) => {
    if (dx) {
      const sums = lowering.temporary('sums', 2 * batch * groups, 'float64');
      const flow = { dx: dx.tensor, accumulate: dx.accumulate };
      lowering.emit('groupNormBackwardInput', { x, dy, weight, sums, ...flow, ...statistics, ...grouping });
    }
    if (!affine) return;
    const parts = channels < MANY_CHANNELS ? Math.min(GRADIENT_PARTS, batch) : 1;
    const partials = lowering.temporary('partials', parts * 2 * channels, 'float64');
    lowering.emit('groupNormBackwardWeight', { x, dy, partials, parts, ...statistics, ...grouping });
    emitAffineGradients(lowering, affine, { partials, sums: null, channels, parts });
  });
  return statistics;
}

/** Emits normalisation by running statistics, as evaluation and frozen layers use it, and its backward pass. */
export function lowerRunningNorm(lowering: Lowering, affine: boolean, eps: number): void {
  const variance = lowering.weight('running_var');
  const weight = affine ? lowering.weight('weight') : null;
  const extents = extentsOf(lowering.inputShape);
  lowering.emit('batchNormForward', {
    x: lowering.input,
    mean: lowering.weight('running_mean'),
    variance,
    weight,
    bias: affine ? lowering.weight('bias') : null,
    addend: null,
    y: lowering.output(),
    ...extents,
    eps,
    ceiling: 0,
  });
  lowering.backward((dy, dx) => {
    if (!dx) return;
    const flow = { dx: dx.tensor, accumulate: dx.accumulate };
    lowering.emit('runningNormBackward', { dy, variance, weight, ...flow, ...extents, eps });
  });
}
