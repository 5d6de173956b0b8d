/**
 * A layer in PyTorch code. A kind declares its module's signature once: the order of arguments, defaults, and the
 * parameter of each. Both the writer (formats/pytorch.ts) and the reader of pasted code (formats/sequentialText.ts) use
 * it, so that they cannot disagree.
 */

import type { Fields, Padding, Pair, Sides } from './fields.ts';
import type { PaddingMode } from './paddingMode.ts';
import { explain } from './parameterErrors.ts';
import { isSame, literal, type PyValue } from './python.ts';
import type { Shape } from './shape.ts';

/** Converts between a parameter's value and its Python literal. */
interface Codec {
  /** Describes what `read` accepts. */
  readonly wanted: string;
  write(value: never): PyValue;
  /** Undefined where the literal is not accepted. */
  read(value: PyValue): unknown;
}

interface Named {
  /** PyTorch's name of the argument. */
  readonly name: string;
  /** Whether it is written as a keyword argument. */
  readonly named: boolean;
  /** PyTorch's default; undefined for a required argument. */
  readonly standard?: PyValue;
  /** Whether it is written even where it has its default, because a reader expects it. */
  readonly isAlwaysWritten?: true;
}

export type Argument = Named &
  (
    | {
        readonly param: string;
        readonly codec: Codec;
        /** The argument that None stands for, e.g. `kernel_size` for a pooling's stride. */
        readonly likeArgument?: string;
      }
    /** Derived from the input's shape: `in_channels`. */
    | { readonly flowsIn: (input: Shape) => PyValue }
    /** Has no effect on the result here (`inplace`), or only these values are supported. */
    | { readonly only?: readonly PyValue[] }
  );

/** For what the module has no argument for: padding by side becomes a module before it. */
interface Split<P> {
  readonly pad: { readonly mode: PaddingMode; readonly sides: Sides };
  readonly params: P;
}

export interface TorchModule<P> {
  /** As it is called: `nn.Conv2d`. */
  readonly module: string;
  readonly arguments: readonly Argument[];
  /** The source of the class, where PyTorch has none of this name. */
  readonly definition?: string;
  /** The class for a frozen layer, where the usual one would go on updating buffers such as running statistics. */
  readonly frozen?: { readonly module: string; readonly definition: string };
  split?(params: P): Split<P> | null;
}

export type TorchForm<P> =
  | TorchModule<P>
  /** An expression over the inputs instead of a module. */
  | { merge(values: readonly string[]): string }
  /** No code: the input is passed on. */
  | { readonly passes: true };

const asIs = (value: PyValue) => value;
const isWhole = (value: PyValue): value is number => Number.isInteger(value);

const wholeCodec: Codec = {
  wanted: 'a whole number',
  write: asIs,
  read: value => (isWhole(value) ? value : undefined),
};
const realCodec: Codec = {
  wanted: 'a number',
  write: asIs,
  read: value => (typeof value === 'number' ? value : undefined),
};
const flagCodec: Codec = {
  wanted: 'True or False',
  write: asIs,
  read: value => (typeof value === 'boolean' ? value : undefined),
};
const wordCodec: Codec = {
  wanted: 'a string',
  write: asIs,
  read: value => (typeof value === 'string' ? value : undefined),
};

const readPair = (value: PyValue): Pair | undefined => {
  if (isWhole(value)) return [value, value];
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isWhole)) return undefined;
  const [height, width] = value as [number, number];
  return [height, width];
};

const pairCodec: Codec = {
  wanted: 'a whole number, or two in brackets',
  write: ([height, width]: Pair) => (height === width ? height : [height, width]),
  read: readPair,
};

/** Symmetric padding; `split` has moved any other to a module before. */
const paddingCodec: Codec = {
  wanted: 'a whole number, two in brackets, "same" or "valid"',
  write: (padding: Padding) => {
    if (padding === 'same') return padding;
    return padding === 'valid' ? 0 : pairCodec.write([padding[0], padding[2]] as never);
  },
  read: value => {
    if (value === 'same' || value === 'valid') return value;
    const pair = readPair(value);
    return pair && [pair[0], pair[0], pair[1], pair[1]];
  },
};

/** In PyTorch's order: left, right, top, bottom. */
const sidesCodec: Codec = {
  wanted: 'a whole number, or four in brackets: left, right, top, bottom',
  write: ([top, bottom, left, right]: Sides) => [left, right, top, bottom],
  read: value => {
    if (isWhole(value)) return [value, value, value, value];
    if (!Array.isArray(value) || value.length !== 4 || !value.every(isWhole)) return undefined;
    const [left, right, top, bottom] = value;
    return [top, bottom, left, right];
  },
};

const asParameter = (codec: Codec) => (name: string, param: string, standard?: PyValue) => ({
  name,
  param,
  codec,
  // As is customary, arguments with a default are written by keyword.
  named: standard !== undefined,
  ...(standard === undefined ? {} : { standard }),
});

export const whole = asParameter(wholeCodec);
export const real = asParameter(realCodec);
export const flag = asParameter(flagCodec);
export const word = asParameter(wordCodec);
export const pairs = asParameter(pairCodec);
export const paddings = asParameter(paddingCodec);
export const sidesOf = asParameter(sidesCodec);

export function flowsIn(name: string, of: (input: Shape) => PyValue = ([first]) => first!): Argument {
  return { name, named: false, flowsIn: of };
}

/** An argument that is accepted but not kept: any value, or only those that do not change the result. */
export function ignoredArgument(name: string, standard: PyValue, only?: readonly PyValue[]): Argument {
  return { name, named: true, standard, ...(only ? { only } : {}) };
}

/** An argument that is always written with the same value. */
export function constantArgument(
  name: string,
  value: PyValue,
  options: readonly PyValue[] = [value],
): Argument {
  return { name, named: true, only: options.toSorted((a, b) => Number(b === value) - Number(a === value)) };
}

export const inplace = ignoredArgument('inplace', false);

/** An argument as it is written. */
export interface WrittenArgument {
  readonly name: string;
  /** Whether it is a keyword argument. */
  readonly named: boolean;
  readonly text: string;
  /** Whether it is omitted because it has its default. */
  readonly isLeftOut: boolean;
  /** The parameter that it comes from; null where it is derived or constant. */
  readonly param: string | null;
}

/** The source text of an argument: `bias=False` or `3`. */
export function asGiven({ name, named, text }: Pick<WrittenArgument, 'name' | 'named' | 'text'>): string {
  return named ? `${name}=${text}` : text;
}

/**
 * The arguments of the constructor call, including those that are omitted. Where the input's shape is unknown, derived
 * ones are a question mark.
 */
export function moduleArguments<P>(
  form: TorchModule<P>,
  params: Readonly<Record<string, unknown>>,
  input: Shape | null,
): WrittenArgument[] {
  return form.arguments.flatMap(argument => {
    const { name, named, standard } = argument;
    const written = (text: string, isLeftOut = false): WrittenArgument[] => [
      { name, named, text, isLeftOut, param: 'param' in argument ? argument.param : null },
    ];
    if ('flowsIn' in argument) return written(input ? literal(argument.flowsIn(input)) : '?');
    if (!('param' in argument)) {
      return standard === undefined && argument.only ? written(literal(argument.only[0]!)) : [];
    }
    const value = argument.codec.write(params[argument.param] as never);
    const isStandard = standard !== undefined && isSame(value, standard);
    return written(literal(value), isStandard && !argument.isAlwaysWritten);
  });
}

/** An argument of pasted code. */
export interface GivenArgument {
  /** Null for a positional argument. */
  readonly name: string | null;
  readonly value: PyValue;
}

export type Reading =
  | {
      readonly params: Readonly<Record<string, unknown>>;
      /**
       * Values that the code states for derived arguments such as `in_channels`, by the index of the given argument.
       */
      readonly claims: readonly {
        argument: Argument & { flowsIn: (input: Shape) => PyValue };
        given: number;
      }[];
    }
  | Wrong;

interface Wrong {
  readonly wrong: string;
  /** The index of the wrong argument; null where one is missing. */
  readonly given: number | null;
  /** Whether the module has no such argument. */
  readonly isUnknown?: true;
}

/** Reads a call's arguments by the kind's signature. */
export function readArguments<P>(
  form: TorchModule<P>,
  fields: Fields,
  given: readonly GivenArgument[],
): Reading {
  const title = form.module.split('.').at(-1)!;
  const bound = bindArguments(title, form.arguments, given);
  if ('wrong' in bound) return bound;
  const params: Record<string, unknown> = {};
  const claims: { argument: Argument & { flowsIn: (input: Shape) => PyValue }; given: number }[] = [];
  for (const argument of form.arguments) {
    const index = bound.places.get(argument.name) ?? null;
    const value = index === null ? argument.standard : given[index]!.value;
    if ('flowsIn' in argument) {
      if (index !== null) claims.push({ argument, given: index });
      continue;
    }
    if (value === undefined && 'param' in argument)
      return { wrong: `${title} wants ${argument.name}: ${argument.codec.wanted}.`, given: null };
    if (!('param' in argument)) {
      if (index === null || !argument.only || argument.only.some(one => isSame(one, value!))) continue;
      return { wrong: refusal(title, argument.name, value!, argument.only), given: index };
    }
    const read = value === null ? params[paramOf(form, argument.likeArgument)] : argument.codec.read(value!);
    if (read === undefined) {
      return {
        wrong: `${argument.name} is ${argument.codec.wanted}, not ${shortenedValue(value!)}.`,
        given: index,
      };
    }
    const invalid = explain(fields[argument.param]!, read);
    if (invalid) return { wrong: `${title}, ${argument.name}: ${invalid}`, given: index };
    params[argument.param] = read;
  }
  return { params, claims };
}

function refusal(title: string, name: string, value: PyValue, only: readonly PyValue[]): string {
  const offered = only.map(literal).join(' or ');
  return `${title} is computed with ${name}=${offered} here; ${shortenedValue(value)} is not offered.`;
}

/** A value as a message shows it: shortened, since pasted values may be long. */
function shortenedValue(value: PyValue): string {
  const text = literal(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Assigns the given arguments to the signature's, by argument name. */
function bindArguments(
  title: string,
  signature: readonly Argument[],
  given: readonly GivenArgument[],
): { readonly places: ReadonlyMap<string, number> } | Wrong {
  const places = new Map<string, number>();
  for (const [index, { name }] of given.entries()) {
    const argument = name === null ? signature[index] : signature.find(one => one.name === name);
    if (!argument) {
      const names = signature.map(one => one.name).join(', ') || 'none';
      const wrong =
        name === null
          ? `${title} takes ${signature.length} arguments: ${names}.`
          : `${title} has no argument ${name}; it has ${names}.`;
      return { wrong, given: index, isUnknown: true };
    }
    if (places.has(argument.name))
      return { wrong: `${argument.name} is given twice.`, given: index, isUnknown: true };
    places.set(argument.name, index);
  }
  return { places };
}

function paramOf<P>(form: TorchModule<P>, name: string | undefined): string {
  const argument = form.arguments.find(one => one.name === name);
  return argument && 'param' in argument ? argument.param : '';
}
