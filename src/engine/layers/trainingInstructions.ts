/**
 * The part of the instruction set (instructions.ts) that training adds to the layers': losses, what is measured of
 * an answer, and what happens to gradients and weights.
 */
import type { FieldType } from './fieldType.ts';

/**
 * Where a loss goes: to the loss of each image and to the gradient of what it judges, both times its weight;
 * added to what other losses have written there, or the first.
 */
const term = <G extends string>(gradient: G) =>
  ({
    losses: 'inout',
    [gradient]: 'inout?',
    termWeight: 'float',
    addLoss: 'int',
    accumulate: 'int',
  }) as {
    readonly losses: 'inout';
    readonly termWeight: 'float';
    readonly addLoss: 'int';
    readonly accumulate: 'int';
  } & Readonly<Record<G, 'inout?'>>;

/** An image to be changed by chance, of numbers from 0 to 1, and what its random numbers depend on. */
const augmented = {
  x: 'in',
  y: 'out',
  indices: 'in int32',
  key: 'int',
  channels: 'int',
  height: 'int',
  width: 'int',
} as const;

export const trainingInstructions = {
  /** y = (x - mean) / std of numbers from 0 to 1; scale and shift are those of bytes. */
  standardizeForward: { x: 'in', scale: 'in', shift: 'in', y: 'out', pixels: 'int', channels: 'int' },
  /** Moves pixels (`warpCodes` of kernelConstants.ts are the functions), boxes and masks with them. */
  warp: {
    ...augmented,
    boxes: 'inout?',
    masks: 'inout? int32',
    /** Where a mask is copied to while it changes. */
    kept: 'out? int32',
    function: 'int',
    a: 'float',
    b: 'float',
    c: 'float',
    d: 'float',
  },
  /** Changes colours (`colourCodes` are the functions) by a number between low and high. */
  colour: { ...augmented, function: 'int', low: 'float', high: 'float' },
  blur: { ...augmented, size: 'int', low: 'float', high: 'float', p: 'float' },
  addNoise: { ...augmented, std: 'float', p: 'float' },
  /** Adds eps, with the sign of the gradient, to the numbers of a share `p` of the images. */
  perturb: { ...augmented, gradient: 'in?', eps: 'float', p: 'float' },
  erase: {
    ...augmented,
    p: 'float',
    least: 'float',
    most: 'float',
    narrowest: 'float',
    widest: 'float',
    value: 'float',
  },
  /**
   * What each image counts in a cross-entropy: the class weights of its positions, added up. Positions are those
   * of a mask; a class has one.
   */
  crossEntropyDivisors: {
    targets: 'in int32',
    weights: 'in?',
    divisors: 'out float64',
    positions: 'int',
    classes: 'int',
    ignoreIndex: 'int',
  },
  crossEntropy: {
    logits: 'in',
    targets: 'in int32',
    weights: 'in?',
    divisors: 'in float64',
    ...term('dLogits'),
    positions: 'int',
    classes: 'int',
    ignoreIndex: 'int',
    labelSmoothing: 'float',
  },
  /** A loss of each number by itself (`elementLossCodes` are the functions). */
  elementLoss: {
    output: 'in',
    targets: 'in int32|real',
    ...term('gradient'),
    function: 'int',
    beta: 'float',
    /** 1: targets are numbers, one for each of the output; 0: one class for each position. */
    numbers: 'int',
    positions: 'int',
    channels: 'int',
  },
  giouLoss: { output: 'in', targets: 'in', ...term('gradient') },
  /** `sums`: for each class of each image the overlap, the shares and the pixels that are of it. */
  diceLoss: {
    output: 'in',
    targets: 'in int32',
    sums: 'out float64',
    ...term('gradient'),
    smooth: 'float',
    positions: 'int',
    channels: 'int',
  },
  /** The best class of each position, and the share of them that is right. */
  scoreClasses: {
    output: 'in',
    targets: 'in int32',
    predictions: 'out int32',
    scores: 'out',
    positions: 'int',
    channels: 'int',
  },
  /** Intersection over union of each box with the true one. */
  scoreBoxes: { output: 'in', targets: 'in', scores: 'out' },
  /** Of each channel the share of its numbers that are above zero. */
  countActive: { x: 'in', active: 'out', pixels: 'int', channels: 'int' },
  /** Halts the program where a loss is no number, so that the weights stay as they were. */
  guardLosses: { losses: 'in' },
  /** sum += gradient, for updates that learn from several runs; the host clears it before the first. */
  accumulateGradient: { gradient: 'in', sum: 'inout', count: 'int' },
  /** gradient += strength · sign(weight) */
  l1Gradient: { weight: 'in', gradient: 'inout', count: 'int', strength: 'float' },
  clipValues: { gradient: 'inout', count: 'int', limit: 'float' },
  /** Partial sums of squares, in `parts` places from `offset` on. */
  gradientSquares: { gradient: 'in', squares: 'inout float64', count: 'int', offset: 'int', parts: 'int' },
  /** gradient *= min(1, limit / (√Σ squares + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it. */
  clipNorm: { gradient: 'inout', squares: 'in float64', count: 'int', squareCount: 'int', limit: 'float' },
  /** What a weight was before its update, to be held against it after. */
  keepWeight: { weight: 'in', kept: 'out', count: 'int' },
  /** In `parts` parts, the sums of the squares of gradient, weight before, and difference. */
  measureUpdate: {
    gradient: 'in',
    kept: 'in',
    weight: 'in',
    squares: 'out float64',
    count: 'int',
    parts: 'int',
  },
  /** average = decay · average + (1 - decay) · weight; the first time, the weight. */
  emaUpdate: { average: 'inout', weight: 'in', count: 'int', complement: 'float' },
  /** PyTorch's SGD; the learning rate comes from the control block, so that it can change while it runs, times `rate`. */
  sgdUpdate: {
    weight: 'inout',
    gradient: 'in',
    velocity: 'inout',
    count: 'int',
    rate: 'float',
    momentum: 'float',
    weightDecay: 'float',
    nesterov: 'int',
  },
  /**
   * PyTorch's Adam, and AdamW where `decoupled` is 1. The decay rates of the averages come as what they lack to
   * 1, which float32 keeps exactly enough; the bias corrections count the updates of the control block.
   */
  adamUpdate: {
    weight: 'inout',
    gradient: 'in',
    average: 'inout',
    square: 'inout',
    /** The largest `square` so far: AMSGrad. */
    maximum: 'inout?',
    count: 'int',
    rate: 'float',
    complement1: 'float',
    complement2: 'float',
    eps: 'float',
    weightDecay: 'float',
    decoupled: 'int',
  },
  /** PyTorch's RMSprop; centred where it keeps an average, with momentum where it keeps a velocity. */
  rmspropUpdate: {
    weight: 'inout',
    gradient: 'in',
    square: 'inout',
    average: 'inout?',
    velocity: 'inout?',
    count: 'int',
    rate: 'float',
    complement: 'float',
    eps: 'float',
    momentum: 'float',
    weightDecay: 'float',
  },
} as const satisfies Record<string, Record<string, FieldType>>;
