/**
 * How a layer stands in PyTorch code. A kind declares the signature of its module once: the order of arguments,
 * their defaults, and which parameter each of them is. The printer (formats/pytorch.ts) and the reader of pasted
 * code (formats/sequentialText.ts) both go by it, so that they cannot disagree.
 */

import type { Fields, Padding, Pair, Sides } from './fields.ts';
import type { PaddingMode } from './paddingMode.ts';
import { explain } from './parameterErrors.ts';
import { isSame, literal, type PyValue } from './python.ts';
import type { Shape } from './shape.ts';

/** Between a parameter's value and how Python writes it. */
interface Codec {
  /** What `read` takes, in words. */
  readonly wanted: string;
  write(value: never): PyValue;
  /** Undefined where it takes no such value. */
  read(value: PyValue): unknown;
}

interface Named {
  /** PyTorch's name of the argument. */
  readonly name: string;
  /** Whether it is written with its name. */
  readonly named: boolean;
  /** What holds where it is left out; undefined where it must be given. */
  readonly standard?: PyValue;
  /** Also where it is the standard, because a reader wants to see it. */
  readonly isAlwaysWritten?: true;
}

export type Argument = Named &
  (
    | {
        readonly param: string;
        readonly codec: Codec;
        /** The argument whose value it takes where it is None, as a pooling's stride its window's. */
        readonly likeArgument?: string;
      }
    /** What follows from the layer before: `in_channels`. */
    | { readonly flowsIn: (input: Shape) => PyValue }
    /** What changes no number here (`inplace`), or has one value that is offered. */
    | { readonly only?: readonly PyValue[] }
  );

/** What a module cannot say by itself: pixels around the image, as a module before it. */
interface Split<P> {
  readonly pad: { readonly mode: PaddingMode; readonly sides: Sides };
  readonly params: P;
}

export interface TorchModule<P> {
  /** As code calls it: `nn.Conv2d`. */
  readonly module: string;
  readonly arguments: readonly Argument[];
  /** The class, where PyTorch has none of this name. */
  readonly definition?: string;
  /** The class of a frozen layer, where one that learns also changes what is no weight, as running statistics. */
  readonly frozen?: { readonly module: string; readonly definition: string };
  split?(params: P): Split<P> | null;
}

export type TorchForm<P> =
  | TorchModule<P>
  /** No module, but an expression of what flows in. */
  | { merge(values: readonly string[]): string }
  /** Nothing: data flows past. */
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

/** Symmetric padding; what is not, `split` has put before the module. */
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

/** PyTorch's order is left, right, top, bottom. */
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
  // What has a default stands with its name, as people write it.
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

/** An argument that is read and not kept: any value, or those that mean what is computed here. */
export function ignored(name: string, standard: PyValue, only?: readonly PyValue[]): Argument {
  return { name, named: true, standard, ...(only ? { only } : {}) };
}

/** An argument of one value that is always written out. */
export function always(name: string, value: PyValue, options: readonly PyValue[] = [value]): Argument {
  return { name, named: true, only: options.toSorted((a, b) => Number(b === value) - Number(a === value)) };
}

export const inplace = ignored('inplace', false);

/** An argument as it is written. */
export interface Written {
  readonly name: string;
  /** Whether its name is written, too. */
  readonly named: boolean;
  readonly text: string;
  /** Whether it goes without saying. */
  readonly isLeftOut: boolean;
  /** Which parameter it is; null where it follows from something else. */
  readonly param: string | null;
}

/** How an argument stands in a call. */
export function asGiven({ name, named, text }: Pick<Written, 'name' | 'named' | 'text'>): string {
  return named ? `${name}=${text}` : text;
}

/**
 * The arguments of the constructor call, with those that go without saying. Where it is not known what flows in, a
 * question mark stands for it.
 */
export function moduleArguments<P>(
  form: TorchModule<P>,
  params: Readonly<Record<string, unknown>>,
  input: Shape | null,
): Written[] {
  return form.arguments.flatMap(argument => {
    const { name, named, standard } = argument;
    const written = (text: string, isLeftOut = false): Written[] => [
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

/** An argument as somebody wrote it. */
export interface Given {
  /** Null where it stands by its place. */
  readonly name: string | null;
  readonly value: PyValue;
}

export type Reading =
  | {
      readonly params: Readonly<Record<string, unknown>>;
      /** What the code says of what flows in, by the index of the given argument. */
      readonly claims: readonly {
        argument: Argument & { flowsIn: (input: Shape) => PyValue };
        given: number;
      }[];
    }
  | Wrong;

interface Wrong {
  readonly wrong: string;
  /** Which argument is wrong; null where one is missing. */
  readonly given: number | null;
  /** Whether it should not be there at all, whatever its value. */
  readonly isUnknown?: true;
}

/** What a call's arguments say, by the kind's signature. */
export function readArguments<P>(form: TorchModule<P>, fields: Fields, given: readonly Given[]): Reading {
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
      return { wrong: `${argument.name} is ${argument.codec.wanted}, not ${shown(value!)}.`, given: index };
    }
    const invalid = explain(fields[argument.param]!, read);
    if (invalid) return { wrong: `${title}, ${argument.name}: ${invalid}`, given: index };
    params[argument.param] = read;
  }
  return { params, claims };
}

function refusal(title: string, name: string, value: PyValue, only: readonly PyValue[]): string {
  const offered = only.map(literal).join(' or ');
  return `${title} is computed with ${name}=${offered} here; ${shown(value)} is not offered.`;
}

/** A value as a message has it: what somebody pasted may be long. */
function shown(value: PyValue): string {
  const text = literal(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Which given argument each argument of the signature takes, by its name. */
function bindArguments(
  title: string,
  signature: readonly Argument[],
  given: readonly Given[],
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
