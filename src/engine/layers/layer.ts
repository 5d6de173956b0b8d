/**
 * What a kind of layer is: every facet of its life, from the form in the inspector to the instructions that
 * train it. A facet is a required member, so the compiler lists what a new kind lacks. One kind, one file;
 * nobody else asks which kind a node is.
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

/** A number together with the arithmetic that gave it, the numbers filled in. */
export interface Explained<T> {
  readonly value: T;
  readonly why: string;
}

export type ShapeResult = { readonly shape: Explained<Shape> } | { readonly fault: Fault };

/** A tensor that a layer keeps, in PyTorch's name, shape and layout. */
export interface Weight {
  readonly name: string;
  /** PyTorch's shape: `[out, in / groups, kh, kw]`, `[out, in]`, `[channels, height, width]` or `[n]`. */
  readonly shape: readonly number[];
  /** What it begins with: uniform within ± a bound, as PyTorch draws by default, or given numbers, over and over. */
  readonly initial:
    | { readonly uniform: number }
    | { readonly constant: number }
    | { readonly values: readonly number[] };
  /** `buffer`: no parameter, but kept, as the running statistics of BatchNorm2d. */
  readonly learning: 'trained' | 'frozen' | 'buffer';
  /**
   * How the engine stores it. `panels`: output channels in panels of sixteen (see kernels.h), so that the
   * microkernel reads it in order; `channelsLast`: a number for each of an image, in the order of images;
   * `flat`: as PyTorch does.
   */
  readonly layout: 'panels' | 'channelsLast' | 'flat';
  /** For `panels`: how many groups of output channels are stored one after the other. */
  readonly groups: number;
}

/** One row of the table that tries every kind: shape, value and gradient are held against PyTorch's. */
export interface Example {
  readonly params: Record<string, unknown>;
  readonly input: Shape;
  /** Of a kind that joins several: what flows into the others. */
  readonly others?: readonly Shape[];
}

export interface LayerKind<F extends Fields = Fields> {
  /** PyTorch's class name where it has one. */
  readonly kind: string;
  readonly family: Family;
  /** One line for the palette and the head of the inspector. */
  readonly summary: string;
  /** What it does and when to use it, in a few sentences. */
  readonly help: string;
  /** What it computes, in a line or two of plain text: `y = max(0, x)`. */
  readonly formula: string;
  /** What the help draws, for these parameters. */
  picture(params: Values<F>): HelpPicture;
  readonly fields: F;
  readonly schema: z.ZodType<Values<F>>;
  /** How many edges it takes: an `Input` none, a merge several. */
  readonly inputs: 0 | 1 | 'several';
  /** What diagnoses need to know of it beyond its family. */
  readonly traits?: readonly Trait[];
  readonly examples: readonly Example[];

  /** The parameters that matter, as a node shows them: `64 · 3×3 · s2`. */
  detail(params: Values<F>): string;
  /** `input` is what flows into the first input, `inputs` into all. */
  shape(params: Values<F>, input: Shape, inputs: readonly Shape[]): ShapeResult;
  weights(params: Values<F>, input: Shape): readonly Weight[];
  /** The parameter count, as arithmetic. Its value equals the sum of the weights' sizes, buffers left out. */
  countFormula(params: Values<F>, input: Shape): string;
  /** Multiply-accumulates for one image. */
  macs(params: Values<F>, input: Shape, output: Shape): Explained<number>;
  reach(params: Values<F>, input: Shape, output: Shape): LayerReach;
  /** Emits forward instructions, and registers the backward ones. */
  lower(params: Values<F>, lowering: Lowering): void;
  /** The PyTorch module, with the signature that code of it is written and read by. */
  readonly pytorch: TorchForm<Values<F>>;
  /** The Keras layers of the same mathematics, or why there are none. A merge's take a list of what flows in. */
  keras(params: Values<F>, input: Shape, output: Shape): KerasForm;
  /** The ONNX operators that it becomes, in order. */
  readonly onnx: readonly string[];
}

/** Completes a kind's definition with what derives from it. */
export function defineLayer<F extends Fields>(definition: Omit<LayerKind<F>, 'schema'>): LayerKind<F> {
  return { ...definition, schema: schemaOf(definition.fields) };
}

/** Facets of a layer that has no weights. */
export const withoutWeights = {
  weights: (): readonly Weight[] => [],
  countFormula: () => '0: nothing to learn',
};

/** Facets of a layer that costs no multiplication. */
export const withoutMacs = { macs: () => ({ value: 0, why: '0: no multiplication' }) };

/** Facets of a layer whose output has its input's shape and sees it pixel by pixel. */
export const pointwise = {
  shape: (_params: unknown, input: Shape): ShapeResult => ({
    shape: { value: input, why: `As it came: ${shapeText(input)}.` },
  }),
  reach: () => 'pointwise' as const,
};

/** A weight that is stored as PyTorch stores it. */
export function flatWeight(
  name: string,
  shape: readonly number[],
  initial: Weight['initial'],
  learning: Weight['learning'] = 'trained',
): Weight {
  return { name, shape, initial, learning, layout: 'flat', groups: 1 };
}

/** A weight of `[out, in / groups, …]` that the matrix product reads. One for each channel needs no groups apart. */
export function panelWeight(
  name: string,
  shape: readonly number[],
  initial: Weight['initial'],
  { groups = 1, learning = 'trained' }: { groups?: number; learning?: Weight['learning'] } = {},
): Weight {
  const isDepthwise = groups === shape[0] && shape[1] === 1;
  return { name, shape, initial, learning, layout: 'panels', groups: isDepthwise ? 1 : groups };
}

/** A weight for each number of an image, `[channels, height, width]`, or of a vector. */
export function imageWeight(name: string, shape: readonly number[], initial: Weight['initial']): Weight {
  return { name, shape, initial, learning: 'trained', layout: 'channelsLast', groups: 1 };
}
