/**
 * What a kind of layer has to provide, from the form in the inspector to the instructions that train it. Members are
 * required, so that the compiler lists what a new kind lacks. Each kind is one file, and no other code depends on which
 * kind a node has.
 */
import type { z } from 'zod';
import type { Fault } from './fault.ts';
import { type Fields, schemaOf, type Values } from './fields.ts';
import type { HelpPicture } from './helpPicture.ts';
import type { KerasForm } from './kerasForm.ts';
import type { Lowering } from './lowering.ts';
import type { LayerReach } from './pixelReach.ts';
import { type Shape, shapeText } from './shape.ts';
import type { TorchForm } from './torchForm.ts';
import type { Trait } from './traits.ts';

export type Family =
  | 'convolution'
  | 'normalisation'
  | 'activation'
  | 'pooling'
  | 'linear'
  | 'merge'
  | 'regularisation'
  | 'io';

/** A number with the arithmetic that led to it, the numbers filled in. */
export interface Explained<T> {
  readonly value: T;
  readonly why: string;
}

export type ShapeResult = { readonly shape: Explained<Shape> } | { readonly fault: Fault };

/** A tensor that a layer holds, with PyTorch's name, shape and layout. */
export interface Weight {
  readonly name: string;
  /** PyTorch's shape: `[out, in / groups, kh, kw]`, `[out, in]`, `[channels, height, width]` or `[n]`. */
  readonly shape: readonly number[];
  /** Initial values: uniform within ± a bound, as PyTorch draws by default, or given numbers, repeated to fill it. */
  readonly initial:
    | { readonly uniform: number }
    | { readonly constant: number }
    | { readonly values: readonly number[] };
  /** `buffer`: kept but not learned, such as the running statistics of BatchNorm2d. */
  readonly learning: 'trained' | 'frozen' | 'buffer';
  /**
   * How the engine stores it. `panels`: output channels in panels of sixteen (see kernels.h), which the microkernel
   * reads in order; `channelsLast`: a number for each element of an image, in the engine's order; `flat`: as PyTorch
   * stores it.
   */
  readonly layout: 'panels' | 'channelsLast' | 'flat';
  /** For `panels`: the number of groups of output channels, stored one after the other. */
  readonly groups: number;
}

/** A test case of a kind: its shape, values and gradients are compared with PyTorch's. */
export interface Example {
  readonly params: Record<string, unknown>;
  readonly input: Shape;
  /** For a kind of several inputs: the shapes of the others. */
  readonly others?: readonly Shape[];
}

export interface LayerKind<F extends Fields = Fields> {
  /** PyTorch's class name, where there is one. */
  readonly kind: string;
  readonly family: Family;
  /** One line for the palette and the inspector's header. */
  readonly summary: string;
  /** What it does and when to use it, in a few sentences. */
  readonly help: string;
  /** The formula in a line or two of plain text: `y = max(0, x)`. */
  readonly formula: string;
  /** The picture in the help, for these parameters. */
  picture(params: Values<F>): HelpPicture;
  readonly fields: F;
  readonly schema: z.ZodType<Values<F>>;
  /** How many inputs it takes. */
  readonly inputs: 0 | 1 | 'several';
  /** Properties that diagnostics ask for, besides the family. */
  readonly traits?: readonly Trait[];
  readonly examples: readonly Example[];

  /** The main parameters as a node shows them: `64 · 3×3 · s2`. */
  detail(params: Values<F>): string;
  /** `input` is the shape of the first input, `inputs` those of all. */
  shape(params: Values<F>, input: Shape, inputs: readonly Shape[]): ShapeResult;
  weights(params: Values<F>, input: Shape): readonly Weight[];
  /** The number of parameters as arithmetic. Its value equals the sizes of all weights that are not buffers. */
  countFormula(params: Values<F>, input: Shape): string;
  /** Multiply-accumulate operations for one image. */
  macs(params: Values<F>, input: Shape, output: Shape): Explained<number>;
  reach(params: Values<F>, input: Shape, output: Shape): LayerReach;
  /** Emits the forward instructions and registers the backward pass. */
  lower(params: Values<F>, lowering: Lowering): void;
  /** The PyTorch module; code is written and read by its signature. */
  readonly pytorch: TorchForm<Values<F>>;
  /** The equivalent Keras layers, or why there are none. A kind of several inputs takes a list of tensors. */
  keras(params: Values<F>, input: Shape, output: Shape): KerasForm;
  /** The corresponding ONNX operators, in order. */
  readonly onnx: readonly string[];
}

/** Completes a definition with what is derived from it. */
export function defineLayer<F extends Fields>(definition: Omit<LayerKind<F>, 'schema'>): LayerKind<F> {
  return { ...definition, schema: schemaOf(definition.fields) };
}

/** Members of a kind without weights. */
export const withoutWeights = {
  weights: (): readonly Weight[] => [],
  countFormula: () => '0: nothing to learn',
};

/** Members of a kind without multiplications. */
export const withoutMacs = { macs: () => ({ value: 0, why: '0: no multiplication' }) };

/** Members of a kind whose output pixel depends on the same input pixel only; shapes are equal. */
export const pointwise = {
  shape: (_params: unknown, input: Shape): ShapeResult => ({
    shape: { value: input, why: `As it came: ${shapeText(input)}.` },
  }),
  reach: () => 'pointwise' as const,
};

/** A weight stored as in PyTorch. */
export function flatWeight(
  name: string,
  shape: readonly number[],
  initial: Weight['initial'],
  learning: Weight['learning'] = 'trained',
): Weight {
  return { name, shape, initial, learning, layout: 'flat', groups: 1 };
}

/**
 * A weight `[out, in / groups, …]` in panels, as the matrix product reads it. Depthwise weights are stored without
 * groups.
 */
export function panelWeight(
  name: string,
  shape: readonly number[],
  initial: Weight['initial'],
  { groups = 1, learning = 'trained' }: { groups?: number; learning?: Weight['learning'] } = {},
): Weight {
  const isDepthwise = groups === shape[0] && shape[1] === 1;
  return { name, shape, initial, learning, layout: 'panels', groups: isDepthwise ? 1 : groups };
}

/** A weight with a number for each element of an image, `[channels, height, width]`, or of a vector. */
export function imageWeight(name: string, shape: readonly number[], initial: Weight['initial']): Weight {
  return { name, shape, initial, learning: 'trained', layout: 'channelsLast', groups: 1 };
}
