/**
 * The part of the instruction set (instructions.ts) for training: augmentation, losses, metrics, gradients and updates.
 */
import type { FieldType } from './fieldType.ts';

/**
 * The outputs of a loss term: the loss of each image, and the gradient of the prediction, both multiplied by
 * `termWeight`. `addLoss` and `accumulate` are 1 where another term has written to them before.
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

/** An image to be augmented, with values from 0 to 1, and what selects its random numbers. */
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
  /** y = (x - mean) / std for values from 0 to 1; scale and shift are given for values from 0 to 255. */
  standardizeForward: { x: 'in', scale: 'in', shift: 'in', y: 'out', pixels: 'int', channels: 'int' },
  /** Moves pixels by one of `warpCodes` (kernelConstants.ts), and boxes and masks with them. */
  warp: {
    ...augmented,
    boxes: 'inout?',
    masks: 'inout? int32',
    /** A temporary copy of the mask. */
    kept: 'out? int32',
    function: 'int',
    a: 'float',
    b: 'float',
    c: 'float',
    d: 'float',
  },
  /** Changes colours by one of `colourCodes`, with a random strength between low and high. */
  colour: { ...augmented, function: 'int', low: 'float', high: 'float' },
  blur: { ...augmented, size: 'int', low: 'float', high: 'float', p: 'float' },
  addNoise: { ...augmented, std: 'float', p: 'float' },
  /** FGSM: adds eps · sign(gradient) to a share `p` of the images. */
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
   * The divisor of each image's cross-entropy: the sum of the class weights of its positions (pixels of a mask, or
   * one).
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
  /** A loss per element, one of `elementLossCodes`. */
  elementLoss: {
    output: 'in',
    targets: 'in int32|real',
    ...term('gradient'),
    function: 'int',
    beta: 'float',
    /** 1: targets are numbers, one for each element of the output; 0: one class for each position. */
    numbers: 'int',
    positions: 'int',
    channels: 'int',
  },
  giouLoss: { output: 'in', targets: 'in', ...term('gradient') },
  /** `sums`: for each class of each image the intersection, the sum of probabilities, and the number of pixels. */
  diceLoss: {
    output: 'in',
    targets: 'in int32',
    sums: 'out float64',
    ...term('gradient'),
    smooth: 'float',
    positions: 'int',
    channels: 'int',
  },
  /** The class of the highest score at each position, and the share of positions where it is right. */
  scoreClasses: {
    output: 'in',
    targets: 'in int32',
    predictions: 'out int32',
    scores: 'out',
    positions: 'int',
    channels: 'int',
  },
  /** Intersection over union of each predicted box with its target. */
  scoreBoxes: { output: 'in', targets: 'in', scores: 'out' },
  /** For each channel, the share of positive values. */
  countActive: { x: 'in', active: 'out', pixels: 'int', channels: 'int' },
  /** Halts the program where a loss is NaN or infinite, so that weights stay unchanged. */
  guardLosses: { losses: 'in' },
  /** sum += gradient, for updates over several runs; the host zeroes the sum before the first. */
  accumulateGradient: { gradient: 'in', sum: 'inout', count: 'int' },
  /** gradient += strength · sign(weight) */
  l1Gradient: { weight: 'in', gradient: 'inout', count: 'int', strength: 'float' },
  clipValues: { gradient: 'inout', count: 'int', limit: 'float' },
  /** Partial sums of squares, in `parts` places from `offset` on. */
  gradientSquares: { gradient: 'in', squares: 'inout float64', count: 'int', offset: 'int', parts: 'int' },
  /** gradient *= min(1, limit / (√Σ squares + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it. */
  clipNorm: { gradient: 'inout', squares: 'in float64', count: 'int', squareCount: 'int', limit: 'float' },
  /** A copy of a weight from before its update, for measureUpdate. */
  keepWeight: { weight: 'in', kept: 'out', count: 'int' },
  /** Partial sums (`parts`) of the squares of the gradient, of the weight before the update, and of its change. */
  measureUpdate: {
    gradient: 'in',
    kept: 'in',
    weight: 'in',
    squares: 'out float64',
    count: 'int',
    parts: 'int',
  },
  /**
   * average = decay · average + (1 - decay) · weight; at the first update the weight itself. `complement` is 1 - decay.
   */
  emaUpdate: { average: 'inout', weight: 'in', count: 'int', complement: 'float' },
  /** torch.optim.SGD. The learning rate is in the control block, so that it can change from run to run; `rate` multiplies it. */
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
   * torch.optim.Adam, and AdamW where `decoupled` is 1. Decay rates are passed as 1 - beta, which float32 represents
   * precisely; bias correction uses the number of updates in the control block.
   */
  adamUpdate: {
    weight: 'inout',
    gradient: 'in',
    average: 'inout',
    square: 'inout',
    /** The maximum of `square` so far (AMSGrad). */
    maximum: 'inout?',
    count: 'int',
    rate: 'float',
    complement1: 'float',
    complement2: 'float',
    eps: 'float',
    weightDecay: 'float',
    decoupled: 'int',
  },
  /** torch.optim.RMSprop; `centered` where `average` is given, with momentum where `velocity` is. */
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
