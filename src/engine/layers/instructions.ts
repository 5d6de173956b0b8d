/**
 * The instruction set of the virtual machine: one table, from which the C structs (kernels/instructions.h, by
 * scripts/build-kernels.ts), the encoder (compile/encode.ts) and the types below all derive. An instruction is
 * a row of 32-bit words: its opcode (the position in this table) and its fields in the order given here.
 *
 * `in`, `out` and `inout` are tensors, which the memory plan reads for life times; an optional one (`?`) may be
 * absent, and where nothing else is said they are of reals. `int` and `float` are numbers. `batch` counts are not
 * among them: an instruction works on as many images as the control block says when it runs, so that a last, smaller
 * batch needs no second program.
 */

import type { FieldType } from './fieldType.ts';
import { trainingInstructions } from './trainingInstructions.ts';

const geometry = {
  /** Input: channels, height, width. */
  channels: 'int',
  height: 'int',
  width: 'int',
  /** Output: channels, height, width. */
  outChannels: 'int',
  outHeight: 'int',
  outWidth: 'int',
  kernelHeight: 'int',
  kernelWidth: 'int',
  strideHeight: 'int',
  strideWidth: 'int',
  dilationHeight: 'int',
  dilationWidth: 'int',
  paddingTop: 'int',
  paddingLeft: 'int',
  groups: 'int',
} as const;

/** What goes in and what comes out, both with all their channels. */
const images = {
  channels: 'int',
  height: 'int',
  width: 'int',
  outChannels: 'int',
  outHeight: 'int',
  outWidth: 'int',
} as const;
const perChannel = { pixels: 'int', channels: 'int' } as const;
const statistics = { mean: 'in', variance: 'in' } as const;
const response = { size: 'int', alpha: 'float', beta: 'float' } as const;

/** What becomes of a convolution's sums: cut(sum · scale + bias + addend), as kernels/epilogue.h has it. */
const epilogue = { scale: 'in?', bias: 'in?', addend: 'in?', slope: 'float', ceiling: 'float' } as const;

export const instructions = {
  /** y = (image / 255 - mean) / std, per channel. */
  normalizeForward: {
    images: 'in uint8',
    scale: 'in',
    shift: 'in',
    y: 'out',
    pixels: 'int',
    channels: 'int',
  },
  conv2dForward: { x: 'in', weight: 'in', ...epilogue, y: 'inout', accumulate: 'int', ...geometry },
  /** transposed = weight with input and output channels exchanged, in panels of input channels. */
  conv2dTransposeWeight: { weight: 'in', transposed: 'out', ...geometry },
  /** Also the forward pass of a transposed convolution, which adds a bias. */
  conv2dBackwardInput: {
    dy: 'in',
    transposed: 'in',
    ...epilogue,
    dx: 'inout',
    accumulate: 'int',
    ...geometry,
  },
  /** Partial sums over `parts` groups of images, to be added up by `sumParts`. */
  conv2dBackwardWeight: { x: 'in', dy: 'in', dWeight: 'out', parts: 'int', ...geometry },
  /** The same by Winograd's F(4×4, 3×3), where it saves work (layers/winograd.ts), from u, the transformed weight, or the weight itself. */
  winogradWeightForward: { weight: 'in', u: 'out', ...geometry },
  winogradWeightBackward: { weight: 'in', u: 'out', ...geometry },
  winogradForward: {
    x: 'in',
    u: 'in?',
    weight: 'in?',
    ...epilogue,
    y: 'inout',
    accumulate: 'int',
    ...geometry,
  },
  winogradBackwardInput: {
    dy: 'in',
    u: 'in?',
    weight: 'in?',
    ...epilogue,
    dx: 'inout',
    accumulate: 'int',
    ...geometry,
  },
  /** In blocks of `block` by `block` channels. */
  winogradBackwardWeight: { x: 'in', dy: 'in', dWeight: 'out', parts: 'int', block: 'int', ...geometry },
  /** sum[i] = Σ over parts of parts[part][i], in the order of the parts. */
  sumParts: { parts: 'in', sum: 'out', count: 'int', partCount: 'int' },
  reluForward: { x: 'in', y: 'out', count: 'int' },
  reluBackward: { y: 'in', dy: 'in', dx: 'inout', accumulate: 'int', count: 'int' },
  /** y = f(x), element by element; which function: `activationCodes` of kernelConstants.ts. */
  activationForward: { x: 'in', y: 'out', count: 'int', function: 'int', alpha: 'float' },
  /** dx = dy · f'(x); `kept` is x or y, whichever the function's slope is found from. */
  activationBackward: {
    kept: 'in',
    dy: 'in',
    dx: 'inout',
    accumulate: 'int',
    count: 'int',
    function: 'int',
    alpha: 'float',
  },
  preluForward: { x: 'in', weight: 'in', y: 'out', pixels: 'int', channels: 'int', weights: 'int' },
  preluBackwardInput: {
    x: 'in',
    dy: 'in',
    weight: 'in',
    dx: 'inout',
    accumulate: 'int',
    pixels: 'int',
    channels: 'int',
    weights: 'int',
  },
  /** Partial sums over groups of images, to be added up by `sumParts`. */
  preluBackwardWeight: {
    x: 'in',
    dy: 'in',
    parts: 'out',
    partCount: 'int',
    pixels: 'int',
    channels: 'int',
    weights: 'int',
  },
  /** Over the channels of each pixel; `logarithm`: 1 for its logarithm. */
  softmaxForward: { x: 'in', y: 'out', pixels: 'int', channels: 'int', logarithm: 'int' },
  softmaxBackward: {
    y: 'in',
    dy: 'in',
    dx: 'inout',
    accumulate: 'int',
    pixels: 'int',
    channels: 'int',
    logarithm: 'int',
  },
  /** y = x · kept; `draws` numbers are drawn for an image, and element i takes draw i % draws. */
  dropoutForward: { x: 'in', y: 'out', count: 'int', draws: 'int', key: 'int', p: 'float' },
  dropoutBackward: {
    dy: 'in',
    dx: 'inout',
    accumulate: 'int',
    count: 'int',
    draws: 'int',
    key: 'int',
    p: 'float',
  },
  gaussianNoiseForward: { x: 'in', y: 'out', count: 'int', key: 'int', std: 'float' },
  /** Sums over `parts` parts of the pixels, for batchNormCombine to make mean and variance of. */
  batchNormStatistics: { x: 'in', partials: 'out float64', ...perChannel, parts: 'int' },
  batchNormCombine: {
    partials: 'in float64',
    mean: 'out',
    variance: 'out',
    runningMean: 'inout?',
    runningVariance: 'inout?',
    ...perChannel,
    parts: 'int',
    momentum: 'float',
  },
  /** y = (x - mean) / √(variance + eps) · weight + bias + addend; cut to [0, ceiling] where the ceiling is not 0. */
  batchNormForward: {
    x: 'in',
    ...statistics,
    weight: 'in?',
    bias: 'in?',
    addend: 'in?',
    y: 'out',
    ...perChannel,
    eps: 'float',
    ceiling: 'float',
  },
  /**
   * What a convolution's sums are scaled and shifted by, where normalisation by given statistics follows: scale =
   * weight / √(variance + eps), shift = bias + (before - mean) · scale, where `before` is the convolution's own bias.
   */
  foldNorm: {
    ...statistics,
    weight: 'in?',
    bias: 'in?',
    before: 'in?',
    scale: 'out',
    shift: 'out',
    channels: 'int',
    eps: 'float',
  },
  batchNormBackwardStatistics: {
    x: 'in',
    dy: 'in',
    ...statistics,
    weight: 'in?',
    bias: 'in?',
    partials: 'out float64',
    ...perChannel,
    parts: 'int',
    eps: 'float',
    ceiling: 'float',
  },
  /** Adds up the parts: what weight and bias get, and for batch normalisation what its input needs. */
  normGradients: {
    partials: 'in float64',
    sums: 'out? float64',
    dWeight: 'out?',
    dBias: 'out?',
    channels: 'int',
    parts: 'int',
  },
  batchNormBackwardInput: {
    x: 'in',
    dy: 'in',
    ...statistics,
    weight: 'in?',
    bias: 'in?',
    sums: 'in float64',
    dx: 'inout',
    accumulate: 'int',
    ...perChannel,
    eps: 'float',
    ceiling: 'float',
  },
  /** dx = dy · weight / √(variance + eps): where the statistics are given, not the batch's. */
  runningNormBackward: {
    dy: 'in',
    variance: 'in',
    weight: 'in?',
    dx: 'inout',
    accumulate: 'int',
    ...perChannel,
    eps: 'float',
  },
  /** As batchNormForward, but each image by itself, in groups of channels. */
  groupNormForward: {
    x: 'in',
    weight: 'in?',
    bias: 'in?',
    mean: 'out',
    variance: 'out',
    y: 'out',
    ...perChannel,
    groups: 'int',
    eps: 'float',
  },
  groupNormBackwardInput: {
    x: 'in',
    dy: 'in',
    ...statistics,
    weight: 'in?',
    sums: 'out float64',
    dx: 'inout',
    accumulate: 'int',
    ...perChannel,
    groups: 'int',
    eps: 'float',
  },
  /** Sums over `parts` groups of images, to be added up by normGradients. */
  groupNormBackwardWeight: {
    x: 'in',
    dy: 'in',
    ...statistics,
    partials: 'out float64',
    ...perChannel,
    groups: 'int',
    parts: 'int',
    eps: 'float',
  },
  instanceNormRunning: {
    ...statistics,
    runningMean: 'inout',
    runningVariance: 'inout',
    ...perChannel,
    momentum: 'float',
  },
  /** y = x · scale^(-beta), where scale = k + alpha / size · Σ x² over neighbouring channels. */
  localResponseNormForward: { x: 'in', y: 'out', scale: 'out', ...perChannel, ...response, k: 'float' },
  localResponseNormBackward: {
    x: 'in',
    y: 'in',
    scale: 'in',
    dy: 'in',
    ratio: 'out',
    sum: 'out',
    dx: 'inout',
    accumulate: 'int',
    ...perChannel,
    ...response,
  },
  /** `gate` 1: what is not above zero gets no place (−1), since its gradient ends in the ReLU before. */
  maxPool2dForward: { x: 'in', y: 'out', argmax: 'out int32', gate: 'int', ...geometry },
  maxPool2dBackward: { dy: 'in', argmax: 'in int32', dx: 'inout', accumulate: 'int', ...geometry },
  /** y[c][pixel] = x[pixel][c]: from the engine's channels-last to PyTorch's order of features. */
  flattenForward: { x: 'in', y: 'out', channels: 'int', pixels: 'int' },
  flattenBackward: { dy: 'in', dx: 'inout', accumulate: 'int', channels: 'int', pixels: 'int' },
  /** y = a + b; what several are added from, pair by pair. */
  addForward: { a: 'in', b: 'in', y: 'out', count: 'int' },
  /** dx = dy: what flows back through a sum, and through whatever passes its input on. */
  copyBackward: { dy: 'in', dx: 'inout', accumulate: 'int', count: 'int' },
  multiplyForward: { a: 'in', b: 'in', y: 'out', count: 'int' },
  /** dx = dy * other */
  multiplyBackward: { dy: 'in', other: 'in', dx: 'inout', accumulate: 'int', count: 'int' },
  /** y = x · gate, of which each image has one number a channel. */
  gateForward: { x: 'in', gate: 'in', y: 'out', channels: 'int', pixels: 'int' },
  /** dx = dy · gate */
  gateBackwardInput: { dy: 'in', gate: 'in', dx: 'inout', accumulate: 'int', channels: 'int', pixels: 'int' },
  /** dGate[c] = Σ dy · x over the pixels of an image. */
  gateBackwardGate: { dy: 'in', x: 'in', dGate: 'inout', accumulate: 'int', channels: 'int', pixels: 'int' },
  /** Writes the channels of x among those of y, from `offset` on. */
  concatForward: {
    x: 'in',
    y: 'inout',
    channels: 'int',
    outChannels: 'int',
    offset: 'int',
    pixels: 'int',
  },
  concatBackward: {
    dy: 'in',
    dx: 'inout',
    accumulate: 'int',
    channels: 'int',
    outChannels: 'int',
    offset: 'int',
    pixels: 'int',
  },
  /** The gradient of a convolution's bias: partial sums of dy over pixels, as those of conv2dBackwardWeight. */
  biasBackward: { dy: 'in', dBias: 'out', parts: 'int', pixels: 'int', channels: 'int' },
  /** y = x with pixels added around it; which: `paddingCodes` of kernelConstants.ts. */
  pad2dForward: { x: 'in', y: 'out', mode: 'int', top: 'int', left: 'int', ...images },
  pad2dBackward: {
    dy: 'in',
    dx: 'inout',
    accumulate: 'int',
    mode: 'int',
    top: 'int',
    left: 'int',
    ...images,
  },
  avgPool2dForward: { x: 'in', y: 'out', countIncludePad: 'int', ...geometry },
  avgPool2dBackward: { dy: 'in', dx: 'inout', accumulate: 'int', countIncludePad: 'int', ...geometry },
  /** Adaptive: as many windows as output pixels, which together cover the image. */
  adaptiveAvgPool2dForward: { x: 'in', y: 'out', ...images },
  adaptiveAvgPool2dBackward: { dy: 'in', dx: 'inout', accumulate: 'int', ...images },
  /** The gradient flows back by maxPool2dBackward. */
  adaptiveMaxPool2dForward: { x: 'in', y: 'out', argmax: 'out int32', ...images },
  /** Enlarges by whole numbers; each pixel is that under it, or mixed from the nearest (bilinear 1). */
  upsampleForward: { x: 'in', y: 'out', bilinear: 'int', ...images },
  upsampleBackward: { dy: 'in', dx: 'inout', accumulate: 'int', bilinear: 'int', ...images },
  /** y[c][h * factor + i][w * factor + j] = x[(c * factor + i) * factor + j][h][w], by PyTorch's order. */
  pixelShuffleForward: { x: 'in', y: 'out', factor: 'int', ...images },
  pixelShuffleBackward: { dy: 'in', dx: 'inout', accumulate: 'int', factor: 'int', ...images },
  /** What a weight begins with, by chance: [outputs][inputs][taps] in PyTorch's order; `flat` 1 for no panels. */
  drawUniform: {
    weight: 'out',
    outputs: 'int',
    inputs: 'int',
    taps: 'int',
    groups: 'int',
    flat: 'int',
    key: 'int',
    bound: 'float',
  },
  /** Arithmetic that waits for nothing, and how many operations it was: the benchmark's measure of the machine. */
  measureArithmetic: { sums: 'out', operations: 'out int32', tasks: 'int', rounds: 'int' },
  ...trainingInstructions,
} as const satisfies Record<string, Record<string, FieldType>>;

export type InstructionName = keyof typeof instructions;

type Operand<T extends FieldType, Tensor> = T extends 'int' | 'float'
  ? number
  : T extends `${string}?${string}`
    ? Tensor | null
    : Tensor;

export type Operands<N extends InstructionName, Tensor> = {
  [K in keyof (typeof instructions)[N]]: (typeof instructions)[N][K] extends FieldType
    ? Operand<(typeof instructions)[N][K], Tensor>
    : never;
};
