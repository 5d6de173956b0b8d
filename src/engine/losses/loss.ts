/** What a loss is: which outputs it accepts, and the instructions that compute it. One kind, one file. */
import type { z } from 'zod';
import type { Fault } from '../layers/fault.ts';
import { type Fields, schemaOf, type Values } from '../layers/fields.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import type { Tensor } from '../layers/lowering.ts';
import { type Shape, shapeText, sizeOf } from '../layers/shape.ts';

/** The kinds of answer of a network (see document.ts). */
export type AnswerKind = 'class' | 'box' | 'mask';

/** Facts about the targets. */
export interface Truth {
  readonly answer: AnswerKind;
  /** Number of classes of an image, or of a pixel for masks. Meaningless for boxes. */
  readonly classes: number;
  /** Channels, height, width of the images. */
  readonly imageShape: Shape;
}

/** The compiler as a loss sees it. */
export interface LossLowering {
  readonly batch: number;
  readonly answer: AnswerKind;
  readonly outputShape: Shape;
  /** The prediction: `batch × height × width × channels`, or `batch × features`. */
  readonly output: Tensor;
  /** The targets: an int32 class for each image or pixel, or four reals of a box. */
  readonly targets: Tensor;
  /** The operands of every loss instruction: where losses are added, and this term's weight. */
  readonly term: {
    readonly losses: Tensor;
    readonly termWeight: number;
    readonly addLoss: 0 | 1;
    readonly accumulate: 0 | 1;
  };
  /** The gradient of the mean loss with respect to the output; null in programs without a backward pass. */
  readonly gradient: Tensor | null;
  /** A tensor with given numbers, set when the model is loaded. */
  constant(name: string, values: readonly number[]): Tensor;
  temporary(name: string, count: number, type?: Tensor['type']): Tensor;
  emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void;
}

export interface LossKind<F extends Fields = Fields> {
  /** PyTorch's class name where it has one. */
  readonly kind: string;
  readonly help: string;
  readonly fields: F;
  readonly schema: z.ZodType<Values<F>>;
  /** The kinds of answer that it can be used for. */
  readonly answers: readonly AnswerKind[];
  /** Whether it includes softmax or sigmoid, so that the network must not. */
  readonly takesScores: boolean;
  /** Test cases: parameters, and the kind of answer. */
  readonly examples: readonly { readonly answer: AnswerKind; readonly params: Record<string, unknown> }[];
  /** Why it cannot be used with this output; undefined where it can. */
  refuses(params: Values<F>, output: Shape, truth: Truth): Fault | undefined;
  lower(params: Values<F>, lowering: LossLowering): void;
  pytorch(params: Values<F>): string;
}

export function defineLoss<F extends Fields>(definition: Omit<LossKind<F>, 'schema'>): LossKind<F> {
  return { ...definition, schema: schemaOf(definition.fields) };
}

/** Positions with a target of their own (the pixels of a mask, one for a class), and channels of each. */
export function extentsOf(shape: Shape): { positions: number; channels: number } {
  return { positions: sizeOf(shape.slice(1)), channels: shape[0]! };
}

/**
 * Why an output does not suit the targets as class scores, mask of scores or box.
 * @param oneIsEnough whether one channel may represent two classes
 */
export function refusesShape(output: Shape, truth: Truth, oneIsEnough = false): Fault | undefined {
  if (truth.answer === 'mask') return refusesMask(output, truth, oneIsEnough);
  if (truth.answer === 'box') {
    if (output.length === 1 && output[0] === 4) return undefined;
    const message = `The network gives ${shapeText(output)}; a box is 4 numbers: left, top, right, bottom.`;
    const linear = { kind: 'Linear', params: { outFeatures: 4 } };
    const repairs =
      output.length === 1
        ? [{ title: 'Add Linear with 4 outputs', insertAfter: linear }]
        : [
            {
              title: 'Add Flatten and Linear with 4 outputs',
              insertAfter: [{ kind: 'Flatten', params: {} }, linear],
            },
          ];
    return { code: 'output-is-no-box', message, repairs };
  }
  const { classes } = truth;
  if (output.length === 1 && (output[0] === classes || (oneIsEnough && classes === 2 && output[0] === 1)))
    return undefined;
  const wanted = `${classes} class scores are wanted, one for each class`;
  if (output.length === 1) {
    return {
      code: 'wrong-class-count',
      message: `The network gives ${output[0]} numbers; ${wanted}.`,
      repairs: [],
    };
  }
  return {
    code: 'output-is-no-class-score',
    message: `The network ends in an image of ${shapeText(output)} (${sizeOf(output)} numbers); ${wanted}. Add Flatten and Linear.`,
    repairs: [],
  };
}

function refusesMask(output: Shape, { classes, imageShape }: Truth, oneIsEnough: boolean): Fault | undefined {
  const [, height, width] = imageShape as [number, number, number];
  const wanted = shapeText([classes, height, width]);
  if (output.length !== 3 || output[1] !== height || output[2] !== width) {
    const message = `The network gives ${shapeText(output)}; a mask of ${wanted} is wanted, a score for each of ${classes} classes at every pixel.`;
    return { code: 'output-is-no-mask', message, repairs: [] };
  }
  if (output[0] === classes || (oneIsEnough && classes === 2 && output[0] === 1)) return undefined;
  const message = `The network gives ${output[0]} scores for each pixel; ${classes} are wanted, one for each class.`;
  const convolution = {
    kind: 'Conv2d',
    params: { outChannels: classes, kernelSize: [1, 1], padding: [0, 0, 0, 0] },
  };
  return {
    code: 'wrong-mask-classes',
    message,
    repairs: [{ title: `Add a 1×1 convolution with ${classes} channels`, insertBefore: convolution }],
  };
}

/** The constructor call of PyTorch's class, without arguments that have their defaults. */
export function lossCall(name: string, args: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  return `nn.${name}(${given.map(([key, value]) => `${key}=${value}`).join(', ')})`;
}
