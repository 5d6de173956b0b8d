/** What an expression of pasted code can be worth, and the arithmetic between such values. */
import type { LayerKind } from '../layers/layer.ts';
import type { PaddingMode } from '../layers/padding.ts';
import type { PyValue } from '../layers/python.ts';
import type { Shape } from '../layers/shape.ts';
import { CodeError, type Place } from './pythonTokens.ts';
import type { Parameter, Statement } from './pythonTree.ts';

/** What the code says of what flows into a layer, to be held against what does. */
export interface Claim {
  readonly name: string;
  readonly value: PyValue;
  readonly of: (input: Shape) => PyValue;
  readonly place: Place;
}

export interface LayerValue {
  readonly type: 'layer';
  readonly kind: LayerKind;
  readonly params: Record<string, unknown>;
  readonly claims: readonly Claim[];
  readonly place: Place;
}

/** Pixels around an image, for the convolution that follows. */
export interface PadValue {
  readonly type: 'pad';
  readonly mode: PaddingMode;
  readonly sides: readonly number[];
  readonly place: Place;
}

export interface SequenceValue {
  readonly type: 'sequence';
  /** How many layers are in it, and in what is in it; an empty one counts as one. */
  readonly size: number;
  /** Sequences within one another, itself included. */
  readonly depth: number;
  readonly items: readonly { readonly name: string | null; readonly value: ModuleValue }[];
  readonly place: Place;
}

export type ModuleValue = LayerValue | PadValue | SequenceValue;

export type Value =
  | ModuleValue
  | { readonly type: 'plain'; readonly value: number | string | boolean | null }
  | { readonly type: 'tuple'; readonly items: readonly Value[]; readonly isNamed?: boolean }
  | {
      readonly type: 'function';
      readonly parameters: readonly Parameter[];
      readonly body: readonly Statement[];
    }
  /** A name of PyTorch or of nobody: `nn.Conv2d`. */
  | { readonly type: 'path'; readonly path: string }
  /** A method of a module that changes no figures, or freezes its weights. */
  | { readonly type: 'method'; readonly of: ModuleValue; readonly name: string };

export const NONE: Value = { type: 'plain', value: null };

export function fail(message: string, place: Place): never {
  throw new CodeError(message, place);
}

export function isModule(value: Value): value is ModuleValue {
  return value.type === 'layer' || value.type === 'pad' || value.type === 'sequence';
}

/** As Python takes it where a yes or no is wanted. */
export function isTrue(value: Value): boolean {
  if (value.type === 'plain') return Boolean(value.value);
  return value.type !== 'tuple' || value.items.length > 0;
}

/** What may stand as an argument of a layer. */
export function plainOf(value: Value, place: Place): PyValue {
  if (value.type === 'plain') return value.value;
  if (value.type === 'tuple') {
    // No layer takes tuples of tuples, and those of a few lines can hold more than there is memory.
    if (value.items.some(({ type }) => type === 'tuple'))
      fail('No layer takes a tuple within a tuple.', place);
    return value.items.map(item => plainOf(item, place));
  }
  if (value.type === 'path') return fail(`${value.path} is not known here: write its value.`, place);
  return fail('A number, a string or a tuple is expected here.', place);
}

/** A pair of a name and a layer. */
export function namedItem(pair: Value, place: Place): { name: string; value: ModuleValue } {
  const [name, value] = pair.type === 'tuple' ? pair.items : [];
  const isNamed = name?.type === 'plain' && typeof name.value === 'string';
  if (!isNamed || !value || !isModule(value)) {
    fail('OrderedDict wants pairs of a name and a layer: ("conv1", nn.Conv2d(…)).', place);
  }
  return { name: name.value as string, value };
}

/** The same module, as if it stood where it was asked for. */
export function placedAt(value: Value, place: Place): Value {
  return isModule(value) ? { ...value, place } : value;
}

export function sizeOfModule(module: ModuleValue): number {
  return module.type === 'sequence' ? module.size : 1;
}

/** More layers than anybody writes; a name used over and over could stand for more than there is memory. */
export const MOST_LAYERS = 2000;
/** What goes into a sequence, and into those within it, goes no deeper. */
const DEEPEST_SEQUENCE = 100;

/** A sequence of modules. @throws CodeError where there are too many layers in them */
export function sequenceOf(items: SequenceValue['items'], place: Place): SequenceValue {
  const size = items.reduce((sum, { value }) => sum + Math.max(1, sizeOfModule(value)), 0);
  const depth = items.reduce(
    (most, { value }) => Math.max(most, value.type === 'sequence' ? value.depth + 1 : 1),
    1,
  );
  if (depth > DEEPEST_SEQUENCE)
    fail(
      `More than ${DEEPEST_SEQUENCE} nn.Sequential lie within one another here: write them as one.`,
      place,
    );
  if (size > MOST_LAYERS) {
    fail(`These are ${size} layers; at most ${MOST_LAYERS} are read. Paste a part of them.`, place);
  }
  return { type: 'sequence', items, size, depth, place };
}

/** Keeps the weights of every layer in it as they are, where the kind can. */
export function freeze(module: ModuleValue): void {
  if (module.type === 'sequence') for (const { value } of module.items) freeze(value);
  else if (module.type === 'layer' && 'frozen' in module.kind.fields) module.params.frozen = true;
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number | boolean>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '//': (a, b) => Math.floor(a / b),
  '%': (a, b) => a - b * Math.floor(a / b),
  '**': (a, b) => a ** b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/** What an operator gives. `if` has the condition first; a sign with a space behind it stands alone. */
export function operate(sign: string, operands: readonly Value[], place: Place): Value {
  const [first, second, third] = operands as [Value, Value, Value];
  if (sign === 'if') return isTrue(first) ? second : third;
  if (sign === 'and') return isTrue(first) ? second : first;
  if (sign === 'or') return isTrue(first) ? first : second;
  if (sign === 'not ') return { type: 'plain', value: !isTrue(first) };
  if (sign === '==' || sign === '!=') {
    const isEqual = first.type === 'plain' && second.type === 'plain' && first.value === second.value;
    return { type: 'plain', value: isEqual === (sign === '==') };
  }
  if (first.type === 'tuple' && second?.type === 'tuple' && sign === '+') {
    if (first.items.length + second.items.length > MOST_LAYERS) fail('This tuple gets too long.', place);
    return { type: 'tuple', items: [...first.items, ...second.items] };
  }
  const [a, b] = operands.map(numberOf);
  if (a === undefined || (operands.length > 1 && b === undefined)) {
    return fail(`“${sign.trim()}” is for numbers here.`, place);
  }
  if (b === undefined) return { type: 'plain', value: sign === '- ' ? -a : a };
  const result = ARITHMETIC[sign]!(a, b);
  if (typeof result === 'number' && !Number.isFinite(result)) fail('This gives no number.', place);
  return { type: 'plain', value: result };
}

function numberOf(value: Value): number | undefined {
  return value.type === 'plain' && typeof value.value === 'number' ? value.value : undefined;
}
