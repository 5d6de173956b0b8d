/**
 * Lowers convolutions for Conv2d, Linear and ConvTranspose2d. Shapes are `[channels, height, width]`. Only zero padding
 * is known here; padding.ts pads otherwise beforehand.
 */
import type { Backward } from './backward.ts';
import { PANEL, WEIGHT_COLUMNS, WEIGHT_ROWS } from './kernelConstants.ts';
import type { Gradient, Lowering, Tensor } from './lowering.ts';
import { type Shape, sizeOf } from './shape.ts';
import { type Geometry, geometryOf, type SlidingWindow } from './window.ts';
import { emitTransformedWeight, suitsWinograd, gradientBlocks as winogradBlocks } from './winograd.ts';

/**
 * The most groups of images over which a weight's gradient is summed, and how many tasks are enough for the workers.
 */
const GRADIENT_PARTS = 8;
const ENOUGH_TASKS = 16;

/**
 * Emits the convolution of x into the layer's output. Linear is one as well: a 1×1 kernel on an image of one pixel.
 * @returns emits its backward pass
 */
export function emitConvolution(
  lowering: Lowering,
  x: Tensor,
  input: Shape,
  output: Shape,
  window: SlidingWindow,
  { groups, bias }: { groups: number; bias: boolean },
): Backward {
  const geometry = geometryOf(input, output, window, groups);
  emitForward(
    lowering,
    x,
    bias ? lowering.weight('bias') : null,
    { tensor: lowering.output(), accumulate: 0 },
    geometry,
  );
  return (dy, dx) => {
    if (dx) emitInputGradient(lowering, dy, null, dx, geometry);
    emitWeightGradient(lowering, x, dy, geometry);
    if (bias) emitBiasGradient(lowering, dy, output);
  };
}

/**
 * Emits the transposed convolution of the layer's input into its output: the input gradient of a convolution that goes
 * from this layer's output shape to its input shape, with the same weight.
 * @returns emits its backward pass, which is that convolution's forward pass
 */
export function emitTransposedConvolution(
  lowering: Lowering,
  window: SlidingWindow,
  { groups, bias }: { groups: number; bias: boolean },
): Backward {
  const { input, inputShape, outputShape } = lowering;
  const geometry = geometryOf(outputShape, inputShape, window, groups);
  const y = { tensor: lowering.output(), accumulate: 0 } as const;
  emitInputGradient(lowering, input, bias ? lowering.weight('bias') : null, y, geometry);
  return (dy, dx) => {
    if (dx) emitForward(lowering, dy, null, dx, geometry);
    emitWeightGradient(lowering, dy, input, geometry);
    if (bias) emitBiasGradient(lowering, dy, outputShape);
  };
}

/**
 * A convolution's epilogue with a bias only. Fusion adds normalisation, shortcut and activation to it
 * (compile/fuse.ts).
 */
const biasEpilogue = (bias: Tensor | null) => ({ scale: null, bias, addend: null, slope: 0, ceiling: 0 });

/** Emits a convolution's forward pass. */
function emitForward(
  lowering: Lowering,
  x: Tensor,
  bias: Tensor | null,
  { tensor: y, accumulate }: Gradient,
  geometry: Geometry,
): void {
  if (lowering.fast && suitsWinograd(geometry)) {
    const weights = emitTransformedWeight(lowering, 'forward', geometry);
    lowering.emit('winogradForward', { x, ...weights, ...biasEpilogue(bias), y, accumulate, ...geometry });
  } else {
    lowering.emit('conv2dForward', {
      x,
      weight: lowering.weight('weight'),
      ...biasEpilogue(bias),
      y,
      accumulate,
      ...geometry,
    });
  }
}

/** Emits the gradient of a convolution with respect to its input. */
function emitInputGradient(
  lowering: Lowering,
  dy: Tensor,
  bias: Tensor | null,
  { tensor: dx, accumulate }: Gradient,
  geometry: Geometry,
): void {
  if (lowering.fast && suitsWinograd(geometry)) {
    const weights = emitTransformedWeight(lowering, 'backward', geometry);
    lowering.emit('winogradBackwardInput', {
      dy,
      ...weights,
      ...biasEpilogue(bias),
      dx,
      accumulate,
      ...geometry,
    });
  } else {
    const transposed = isDepthwise(geometry)
      ? lowering.weight('weight')
      : emitTransposedWeight(lowering, geometry);
    lowering.emit('conv2dBackwardInput', {
      dy,
      transposed,
      ...biasEpilogue(bias),
      dx,
      accumulate,
      ...geometry,
    });
  }
}

/** The weight with input and output channels exchanged, as the input gradient reads it. */
function emitTransposedWeight(lowering: Lowering, geometry: Geometry): Tensor {
  const { channels, outChannels, kernelHeight, kernelWidth, groups } = geometry;
  const panels = Math.ceil(channels / groups / PANEL) * PANEL;
  const count = groups * panels * kernelHeight * kernelWidth * (outChannels / groups);
  const transposed = lowering.temporary('transposed', count);
  lowering.emit('conv2dTransposeWeight', { weight: lowering.weight('weight'), transposed, ...geometry });
  return transposed;
}

/** Emits the weight's gradient, unless it is frozen. */
function emitWeightGradient(lowering: Lowering, x: Tensor, dy: Tensor, geometry: Geometry): void {
  const gradient = lowering.weightGradient('weight');
  if (!gradient) return;
  const isWinograd = lowering.fast && suitsWinograd(geometry);
  const { block, blocks, mostParts } = isWinograd
    ? winogradBlocks(geometry, lowering.batch)
    : { block: 0, blocks: directBlocks(geometry), mostParts: GRADIENT_PARTS };
  const parts = Math.min(mostParts, partsOf(lowering, blocks));
  const dWeight = parts === 1 ? gradient : lowering.temporary('dWeight', parts * gradient.count);
  const operands = { x, dy, dWeight, parts, ...geometry };
  if (isWinograd) lowering.emit('winogradBackwardWeight', { ...operands, block });
  else lowering.emit('conv2dBackwardWeight', operands);
  emitSum(lowering, dWeight, gradient, parts);
}

/** Depthwise: one group per channel (kernels/depthwise.c). The weight is stored without groups. */
const isDepthwise = ({ channels, outChannels, groups }: Geometry) =>
  groups > 1 && groups === channels && groups === outChannels;

/** Into how many blocks kernels/conv2d_weight.c divides the weight's gradient; each block is a task. */
function directBlocks(geometry: Geometry): number {
  const { channels, outChannels, kernelHeight, kernelWidth, groups } = geometry;
  if (isDepthwise(geometry)) return Math.ceil(channels / PANEL);
  const rows = (kernelHeight * kernelWidth * channels) / groups;
  return groups * Math.ceil(rows / WEIGHT_ROWS) * Math.ceil(outChannels / groups / WEIGHT_COLUMNS);
}

/** Emits the bias's gradient, dy summed over pixels, unless it is frozen. */
function emitBiasGradient(lowering: Lowering, dy: Tensor, output: Shape): void {
  const gradient = lowering.weightGradient('bias');
  if (!gradient) return;
  const [channels, parts] = [output[0]!, partsOf(lowering, 1)];
  const dBias = parts === 1 ? gradient : lowering.temporary('dBias', parts * channels);
  lowering.emit('biasBackward', { dy, dBias, parts, pixels: sizeOf(output) / channels, channels });
  emitSum(lowering, dBias, gradient, parts);
}

function emitSum(lowering: Lowering, parted: Tensor, sum: Tensor, partCount: number): void {
  if (parted === sum) return;
  lowering.emit('sumParts', { parts: parted, sum, count: sum.count, partCount });
}

/**
 * Over how many groups of images a gradient is summed apart: together with the blocks enough tasks for many workers.
 * Independent of the number of workers, so that results are too.
 */
function partsOf(lowering: Lowering, blocks: number): number {
  return Math.max(1, Math.min(GRADIENT_PARTS, lowering.batch, Math.round(ENOUGH_TASKS / blocks)));
}
