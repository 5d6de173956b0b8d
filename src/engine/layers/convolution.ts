/**
 * How a convolution becomes instructions: what Conv2d, Linear and ConvTranspose2d share. Shapes are
 * `[channels, height, width]`. It knows no padding but zeros; padding.ts puts other pixels before it.
 */
import { PANEL } from './instructions.ts';
import type { Gradient, Lowering, Tensor } from './lowering.ts';
import { type Shape, sizeOf } from './shape.ts';
import { type Geometry, geometryOf, type SlidingWindow } from './window.ts';

/** Emits a layer's backward instructions: `dx` is null where nobody wants the gradient of its input. */
export type Backward = (dy: Tensor, dx: Gradient | null) => void;

/** Groups of images whose weight gradients are summed apart: enough for many workers, and always the same. */
const PARTS = 8;

/**
 * Emits a convolution of x into the layer's output. Linear is one too: an image of one pixel under a 1×1 kernel.
 * @returns what emits its backward pass
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
  const weight = lowering.weight('weight');
  lowering.emit('conv2dForward', {
    x,
    weight,
    bias: bias ? lowering.weight('bias') : null,
    y: lowering.output(),
    accumulate: 0,
    ...geometry,
  });
  return (dy, dx) => {
    if (dx) {
      const transposed = emitTransposedWeight(lowering, geometry);
      lowering.emit('conv2dBackwardInput', {
        dy,
        transposed,
        bias: null,
        dx: dx.tensor,
        accumulate: dx.accumulate,
        ...geometry,
      });
    }
    const parts = partsOf(lowering);
    const dBias = bias && lowering.weightGradient('bias') ? biasParts(lowering, output[0]!) : null;
    emitWeightGradient(lowering, x, dy, dBias, geometry);
    if (dBias) emitSum(lowering, dBias, lowering.weightGradient('bias')!, parts);
  };
}

/**
 * Emits the transposed convolution of the layer's input into its output: the backward pass of a convolution
 * that goes the other way, from this layer's output shape to its input shape, with the same weight.
 * @returns what emits its backward pass, which is that convolution's forward pass
 */
export function emitTransposedConvolution(
  lowering: Lowering,
  window: SlidingWindow,
  { groups, bias }: { groups: number; bias: boolean },
): Backward {
  const { input, inputShape, outputShape } = lowering;
  const geometry = geometryOf(outputShape, inputShape, window, groups);
  lowering.emit('conv2dBackwardInput', {
    dy: input,
    transposed: emitTransposedWeight(lowering, geometry),
    bias: bias ? lowering.weight('bias') : null,
    dx: lowering.output(),
    accumulate: 0,
    ...geometry,
  });
  return (dy, dx) => {
    if (dx) {
      const weight = lowering.weight('weight');
      lowering.emit('conv2dForward', {
        x: dy,
        weight,
        bias: null,
        y: dx.tensor,
        accumulate: dx.accumulate,
        ...geometry,
      });
    }
    emitWeightGradient(lowering, dy, input, null, geometry);
    const gradient = bias ? lowering.weightGradient('bias') : null;
    if (!gradient) return;
    const [channels, parts] = [outputShape[0]!, partsOf(lowering)];
    const dBias = biasParts(lowering, channels);
    lowering.emit('biasBackward', { dy, dBias, parts, pixels: sizeOf(outputShape) / channels, channels });
    emitSum(lowering, dBias, gradient, parts);
  };
}

/** The weight with input and output channels exchanged, as the backward pass by the input reads it. */
function emitTransposedWeight(lowering: Lowering, geometry: Geometry): Tensor {
  const { channels, outChannels, kernelHeight, kernelWidth, groups } = geometry;
  const panels = Math.ceil(channels / groups / PANEL) * PANEL;
  const count = groups * panels * kernelHeight * kernelWidth * (outChannels / groups);
  const transposed = lowering.temporary('transposed', count);
  lowering.emit('conv2dTransposeWeight', { weight: lowering.weight('weight'), transposed, ...geometry });
  return transposed;
}

/** Sums the weight's gradient, if it learns, and partial sums of dy into dBias, if there is one. */
function emitWeightGradient(
  lowering: Lowering,
  x: Tensor,
  dy: Tensor,
  dBias: Tensor | null,
  geometry: Geometry,
): void {
  const gradient = lowering.weightGradient('weight');
  if (!gradient) return;
  const parts = partsOf(lowering);
  const dWeight = lowering.temporary('dWeight', parts * gradient.count);
  lowering.emit('conv2dBackwardWeight', { x, dy, dWeight, dBias, parts, ...geometry });
  emitSum(lowering, dWeight, gradient, parts);
}

function emitSum(lowering: Lowering, parted: Tensor, sum: Tensor, partCount: number): void {
  lowering.emit('sumParts', { parts: parted, sum, count: sum.count, partCount });
}

function partsOf(lowering: Lowering): number {
  return Math.min(PARTS, lowering.batch);
}

function biasParts(lowering: Lowering, channels: number): Tensor {
  return lowering.temporary('dBias', partsOf(lowering) * channels);
}
