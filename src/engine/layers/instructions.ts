/**
 * The instruction set of the virtual machine: one table, from which the C structs (kernels/instructions.h, by
 * scripts/build-kernels.ts), the encoder (compile/encode.ts) and the types below derive. An instruction is a sequence
 * of 32-bit words: its opcode (its index in this table) and its fields in the order given here.
 *
 * `in`, `out` and `inout` are tensors, from which the memory plan derives lifetimes; `?` marks optional ones, and the
 * element type is `real` unless another is named. `int` and `float` are numbers. There is no batch size: the control
 * block has the number of images of the current run, so that a smaller last batch needs no program of its own.
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

/** Input and output image, without groups. */
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

/** A convolution's epilogue, clip(sum · scale + bias + addend), see kernels/epilogue.h. */
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
  /** The weight with input and output channels exchanged, in panels of input channels. */
  conv2dTransposeWeight: { weight: 'in', transposed: 'out', ...geometry },
  /** The input gradient; also the forward pass of a transposed convolution, which adds a bias. */
  conv2dBackwardInput: {
    dy: 'in',
    transposed: 'in',
    ...epilogue,
    dx: 'inout',
    accumulate: 'int',
    ...geometry,
  },
  /** Partial sums over `parts` groups of images, which `sumParts` adds up. */
  conv2dBackwardWeight: { x: 'in', dy: 'in', dWeight: 'out', parts: 'int', ...geometry },
  /**
   * Winograd's F(4×4, 3×3), where it saves work (layers/winograd.ts): reads either u, the transformed weight, or the
   * weight.
   */
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
  /** Computed in blocks of `block` × `block` channels. */
  winogradBackwardWeight: { x: 'in', dy: 'in', dWeight: 'out', parts: 'int', block: 'int', ...geometry },
  /** sum[i] = Σ over parts of parts[part][i], in the order of the parts. */
  sumParts: { parts: 'in', sum: 'out', count: 'int', partCount: 'int' },
  reluForward: { x: 'in', y: 'out', count: 'int' },
  reluBackward: { y: 'in', dy: 'in', dx: 'inout', accumulate: 'int', count: 'int' },
  /** y = f(x) for each element, where f is one of `activationCodes` (kernelConstants.ts). */
  activationForward: { x: 'in', y: 'out', count: 'int', function: 'int', alpha: 'float' },
  /** dx = dy · f'(x); `kept` is x or y, from whichever f' is computed. */
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
  /** Partial sums over groups of images, which `sumParts` adds up. */
  preluBackwardWeight: {
    x: 'in',
    dy: 'in',
    parts: 'out',
    partCount: 'int',
    pixels: 'int',
    channels: 'int',
    weights: 'int',
  },
  /** Softmax over the channels of each pixel; `logarithm` 1: log-softmax. */
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
  /** y = x · mask; `draws` random numbers per image, of which element i uses number i % draws. */
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
  /** Partial sums over `parts` parts of the pixels, from which batchNormCombine computes mean and variance. */
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
  /** y = (x - mean) / √(variance + eps) · weight + bias + addend, clipped to [0, ceiling] unless the ceiling is 0. */
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
   * Folds a normalisation with known statistics into the convolution before it: scale = weight / √(variance + eps),
   * shift = bias + (before - mean) · scale, where `before` is the convolution's own bias.
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
  /** Adds up the partial sums: the gradients of weight and bias, and `sums`, which batchNormBackwardInput reads. */
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
  /** dx = dy · weight / √(variance + eps), where statistics are constants (running statistics). */
  runningNormBackward: {
    dy: 'in',
    variance: 'in',
    weight: 'in?',
    dx: 'inout',
    accumulate: 'int',
    ...perChannel,
    eps: 'float',
  },
  /** As batchNormForward, but with the statistics of each group of channels of each image. */
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
  /** Partial sums over `parts` groups of images, which normGradients adds up. */
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
  /** `gate` 1: where the maximum is not positive, argmax is −1, as the ReLU before it passes no gradient there. */
  maxPool2dForward: { x: 'in', y: 'out', argmax: 'out int32', gate: 'int', ...geometry },
  maxPool2dBackward: { dy: 'in', argmax: 'in int32', dx: 'inout', accumulate: 'int', ...geometry },
  /** y[c][pixel] = x[pixel][c]: from channels-last to PyTorch's order of features. */
  flattenForward: { x: 'in', y: 'out', channels: 'int', pixels: 'int' },
  flattenBackward: { dy: 'in', dx: 'inout', accumulate: 'int', channels: 'int', pixels: 'int' },
  /** y = a + b; Add of several inputs takes one instruction per further input. */
  addForward: { a: 'in', b: 'in', y: 'out', count: 'int' },
  /** dx = dy: the backward pass of Add and of layers that pass their input on. */
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
  /** The gradient of a convolution's bias: partial sums of dy over pixels, in the same way as conv2dBackwardWeight. */
  biasBackward: { dy: 'in', dBias: 'out', parts: 'int', pixels: 'int', channels: 'int' },
  /** y = x with pixels around it, by one of `paddingCodes` (kernelConstants.ts). */
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
  /** Adaptive pooling: one window per output pixel; together they cover the image. */
  adaptiveAvgPool2dForward: { x: 'in', y: 'out', ...images },
  adaptiveAvgPool2dBackward: { dy: 'in', dx: 'inout', accumulate: 'int', ...images },
  /** Its backward pass is maxPool2dBackward. */
  adaptiveMaxPool2dForward: { x: 'in', y: 'out', argmax: 'out int32', ...images },
  /** Enlarges by whole factors, by the nearest pixel or bilinear (1). */
  upsampleForward: { x: 'in', y: 'out', bilinear: 'int', ...images },
  upsampleBackward: { dy: 'in', dx: 'inout', accumulate: 'int', bilinear: 'int', ...images },
  /** y[c][h * factor + i][w * factor + j] = x[(c * factor + i) * factor + j][h][w], in PyTorch's order. */
  pixelShuffleForward: { x: 'in', y: 'out', factor: 'int', ...images },
  pixelShuffleBackward: { dy: 'in', dx: 'inout', accumulate: 'int', factor: 'int', ...images },
  /**
   * Random initial values of a weight, `[outputs][inputs][taps]` in PyTorch's order; `flat` 1: not stored in panels.
   */
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
  /** Independent arithmetic and its number of operations: the benchmark's measure of the machine's peak. */
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
