/**
 * The types of a layer's parameters: what is valid (zod), which widget a form shows, the initial value. Forms, help and
 * validation derive from these.
 */
import { z } from 'zod';

/** Two numbers, vertical first, as PyTorch orders them: `[height, width]`. */
export type Pair = readonly [number, number];

/** Pixels added around an image, per side: `[top, bottom, left, right]`. */
export type Sides = readonly [number, number, number, number];

/** PyTorch's `padding`: pixels per side, or the rule that finds them. */
export type Padding = 'same' | 'valid' | Sides;

/** Channels, height, width. */
export type ImageShape = readonly [channels: number, height: number, width: number];

export type Widget =
  | 'integer'
  | 'number'
  | 'pair'
  | 'padding'
  | 'toggle'
  | 'choice'
  | 'imageShape'
  | 'numbers'
  | 'kernel';

export interface Field<T> {
  readonly widget: Widget;
  readonly schema: z.ZodType<T>;
  readonly label: string;
  readonly help: string;
  /** The value in a new node. */
  readonly initial: T;
  readonly min?: number;
  readonly max?: number;
  /** For `choice`: what can be chosen. For `padding` and `kernel`: the named values, besides numbers. */
  readonly options?: readonly string[];
  /** For `numbers`: either empty, or one number per class. */
  readonly perClass?: boolean;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The parameter values that a set of fields describes. */
export type Values<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

interface Wording<T> {
  label: string;
  help: string;
  initial: T;
}

interface Bounds {
  min?: number;
  max?: number;
}

/** The largest value of a size parameter. Larger networks fit no machine, and products would exceed 2⁵³. */
const LARGEST_SIZE = 1_000_000;

const bounded = ({ min = 0, max = LARGEST_SIZE }: Bounds) => z.int().min(min).max(max);

export function integer(field: Wording<number> & Bounds): Field<number> {
  return { ...field, widget: 'integer', schema: bounded(field) };
}

export function number(field: Wording<number> & Bounds): Field<number> {
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = field;
  return { ...field, widget: 'number', schema: z.number().min(min).max(max) };
}

export function pair(field: Wording<Pair> & Bounds): Field<Pair> {
  return { ...field, widget: 'pair', schema: z.tuple([bounded(field), bounded(field)]) };
}

export function padding(field: Wording<Padding>): Field<Padding> {
  const side = bounded({});
  return {
    ...field,
    min: 0,
    widget: 'padding',
    options: ['same', 'valid'],
    schema: z.union([z.enum(['same', 'valid']), z.tuple([side, side, side, side])]),
  };
}

/** Pixels per side, without a rule such as `same`. */
export function sides(field: Wording<Sides>): Field<Sides> {
  const side = bounded({});
  return { ...field, min: 0, widget: 'padding', options: [], schema: z.tuple([side, side, side, side]) };
}

export function toggle(field: Wording<boolean>): Field<boolean> {
  return { ...field, widget: 'toggle', schema: z.boolean() };
}

export function choice<const T extends string>(
  field: Wording<NoInfer<T>> & { options: readonly T[] },
): Field<T> {
  return { ...field, widget: 'choice', schema: z.enum(field.options as readonly [T, ...T[]]) };
}

export function imageShape(field: Wording<ImageShape>): Field<ImageShape> {
  const extent = bounded({ min: 1 });
  return { ...field, min: 1, widget: 'imageShape', schema: z.tuple([extent, extent, extent]) };
}

/** A list of any length, empty included. */
export function numbers({
  isWhole = false,
  ...field
}: Wording<readonly number[]> & Bounds & { perClass?: boolean; isWhole?: boolean }): Field<
  readonly number[]
> {
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = field;
  const each = isWhole ? z.int() : z.number();
  return { ...field, widget: 'numbers', schema: z.array(each.min(min).max(max)).max(1000).readonly() };
}

/** The most numbers of a kernel that is written by hand: 31×31. */
const LARGEST_KERNEL = 961;

/** A kernel: a name, or numbers row by row. */
export function kernel<const T extends string>(
  field: Wording<NoInfer<T>> & { options: readonly T[] },
): Field<T | readonly number[]> {
  const names = z.enum(field.options as readonly [T, ...T[]]);
  const own = z.array(z.number()).min(1).max(LARGEST_KERNEL).readonly();
  return { ...field, widget: 'kernel', schema: z.union([names, own]) };
}

/** A strict object schema of all fields; a missing field takes its initial value. */
export function schemaOf<F extends Fields>(fields: F): z.ZodType<Values<F>> {
  const shape = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.schema.default(field.initial as never)]),
  );
  return z.strictObject(shape) as unknown as z.ZodType<Values<F>>;
}

/** The values of a new node. */
export function initialValues<F extends Fields>(fields: F): Values<F> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.initial]),
  ) as Values<F>;
}
