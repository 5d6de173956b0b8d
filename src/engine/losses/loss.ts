/** What a loss is: what it accepts of a network, and the instructions that compute it. One kind, one file. */
import type { z } from 'zod';
import type { Fault } from '../layers/fault.ts';
import { type Fields, schemaOf, type Values } from '../layers/fields.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import type { Tensor } from '../layers/lowering.ts';
import { type Shape, shapeText, sizeOf } from '../layers/shape.ts';

/** What a network can be asked; document.ts says more. */
export type AnswerKind = 'class' | 'box' | 'mask';

/** What is known of the true answers. */
export interface Truth {
  readonly answer: AnswerKind;
  /** Classes of an image, or of a pixel where the answer is a mask. Of no meaning for boxes. */
  readonly classes: number;
  /** Channels, height, width of the images. */
  readonly imageShape: Shape;
}

/** What a loss sees of the compiler. */
export interface LossLowering {
  readonly batch: number;
  readonly answer: AnswerKind;
  readonly outputShape: Shape;
  /** What the network says: `batch × height × width × channels`, or `batch × features`. */
  readonly output: Tensor;
  /** What is true: an int32 class for each image or pixel; four reals for a box. */
  readonly targets: Tensor;
  /** What every loss instruction takes: where losses and gradient go, and this term's weight. */
  readonly term: {
    readonly losses: Tensor;
    readonly termWeight: number;
    readonly addLoss: 0 | 1;
    readonly accumulate: 0 | 1;
  };
  /** Where the gradient of the mean loss by the output goes; null where nothing learns. */
  readonly gradient: Tensor | null;
  /** A tensor of given numbers, there before the first step. */
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
  /** The answers that it can judge. */
  readonly answers: readonly AnswerKind[];
  /** Whether it turns scores into probabilities itself: then the network must not. */
  readonly takesScores: boolean;
  /** One row of tests for each: parameters, and what is judged. */
  readonly examples: readonly { readonly answer: AnswerKind; readonly params: Record<string, unknown> }[];
  /** Why a network with this output cannot be trained with it; undefined where it can. */
  refuses(params: Values<F>, output: Shape, truth: Truth): Fault | undefined;
  lower(params: Values<F>, lowering: LossLowering): void;
  pytorch(params: Values<F>): string;
}

export function defineLoss<F extends Fields>(definition: Omit<LossKind<F>, 'schema'>): LossKind<F> {
  return { ...definition, schema: schemaOf(definition.fields) };
}

/** Positions that are judged by themselves, and channels of each: the pixels of a mask, one for a class. */
export function extentsOf(shape: Shape): { positions: number; channels: number } {
  return { positions: sizeOf(shape.slice(1)), channels: shape[0]! };
}

/**
 * Why an output is no class scores, mask of scores or box for this truth.
 * @param oneIsEnough whether one channel may stand for two classes
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

/** A call of PyTorch's class with the arguments that are not its defaults. */
export function lossCall(name: string, args: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  return `nn.${name}(${given.map(([key, value]) => `${key}=${value}`).join(', ')})`;
}
