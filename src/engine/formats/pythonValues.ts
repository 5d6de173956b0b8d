/** What an expression of pasted code can be worth, and the arithmetic between such values. */
import type { LayerKind } from '../layers/layer.ts';
import type { PaddingMode } from '../layers/paddingMode.ts';
import type { PyValue } from '../layers/python.ts';
import type { Shape } from '../layers/shape.ts';
import { CodeError, type SourcePosition } from './pythonTokens.ts';
import type { Statement } from './pythonTree.ts';

/** What the code says of what flows into a layer, to be held against what does. */
export interface Claim {
  readonly name: string;
  readonly value: PyValue;
  readonly of: (input: Shape) => PyValue;
  readonly place: SourcePosition;
}

export interface LayerValue {
  readonly type: 'layer';
  readonly kind: LayerKind;
  readonly params: Record<string, unknown>;
  readonly claims: readonly Claim[];
  /** Of the layer itself, wherever it stands: whether its weights stay as they are. */
  readonly state: { frozen: boolean };
  readonly place: SourcePosition;
}

/** Pixels around an image, for the convolution that follows. */
export interface PadValue {
  readonly type: 'pad';
  readonly mode: PaddingMode;
  readonly sides: readonly number[];
  readonly place: SourcePosition;
}

/** What stands in a sequence; without a name of its own, it goes by its number. */
export interface NamedModule {
  readonly name: string | null;
  readonly value: ModuleValue;
}

export interface SequenceValue {
  readonly type: 'sequence';
  /** The same array wherever the sequence goes by another name: what is changed there is changed here. */
  readonly items: NamedModule[];
  readonly place: SourcePosition;
}

export type ModuleValue = LayerValue | PadValue | SequenceValue;

/** What names stand for, where something is written. */
export interface Names {
  /** @throws CodeError where a name is to have a value, and has none yet */
  find(name: string, place: SourcePosition): Value | undefined;
}

export type Value =
  | ModuleValue
  | { readonly type: 'plain'; readonly value: number | string | boolean | null }
  /** Of a dictionary, its pairs; `isNamed`: of names and layers. */
  | {
      readonly type: 'tuple';
      readonly items: readonly Value[];
      readonly isDictionary?: boolean;
      readonly isNamed?: boolean;
    }
  | {
      readonly type: 'function';
      /** What holds where an argument is left out is worked out once, where the function is defined. */
      readonly parameters: readonly { readonly name: string; readonly standard: Value | null }[];
      readonly body: readonly Statement[];
      /** Its own names, and where it looks for all others. */
      readonly own: ReadonlySet<string>;
      readonly around: Names;
    }
  /** A name of PyTorch or of nobody: `nn.Conv2d`. */
  | { readonly type: 'path'; readonly path: string }
  /** What a module has by this name, dots included: `append`, `weight.data.fill_`. */
  | { readonly type: 'method'; readonly of: ModuleValue; readonly name: string }
  /** What comes of something that is not read; the message says why it is no layer and no number. */
  | {
      readonly type: 'unknown';
      readonly message: string;
      /** Whether layers of a network may be in it, so that what is done to it may change the network. */
      readonly holdsLayers?: boolean;
    };

export const NONE: Value = { type: 'plain', value: null };

export function fail(message: string, place: SourcePosition): never {
  throw new CodeError(message, place);
}

export function isModule(value: Value): value is ModuleValue {
  return value.type === 'layer' || value.type === 'pad' || value.type === 'sequence';
}

/** As Python takes it where a yes or no is wanted. */
export function isTrue(value: Value, place: SourcePosition): boolean {
  if (value.type === 'plain') return Boolean(value.value);
  if (value.type === 'tuple') return value.items.length > 0;
  return fail('Whether this holds is not known here: write what follows from it.', place);
}

/** What may stand as an argument of a layer. */
export function plainOf(value: Value, place: SourcePosition): PyValue {
  if (value.type === 'plain') return value.value;
  if (value.type === 'tuple') {
    // No layer takes tuples of tuples, and those of a few lines can hold more than there is memory.
    if (value.items.some(({ type }) => type === 'tuple'))
      fail('No layer takes a tuple within a tuple.', place);
    return value.items.map(item => plainOf(item, place));
  }
  if (value.type === 'path') return fail(`${value.path} is not known here: write its value.`, place);
  if (value.type === 'unknown') return fail(value.message, place);
  return fail('A number, a string or a tuple is expected here.', place);
}

/** A pair of a name and a layer. */
export function namedItem(pair: Value, place: SourcePosition): { name: string; value: ModuleValue } {
  const [name, value] = pair.type === 'tuple' ? pair.items : [];
  const isNamed = name?.type === 'plain' && typeof name.value === 'string';
  if (!isNamed || !value || !isModule(value)) {
    fail('OrderedDict wants pairs of a name and a layer: ("conv1", nn.Conv2d(…)).', place);
  }
  return { name: name.value as string, value };
}

/** What stands at a place in something, by its number or in a dictionary by its key. */
export function entryOf(owner: Value, at: Value): Value | undefined {
  if (at.type !== 'plain') return undefined;
  if (owner.type === 'tuple' && !isList(owner)) {
    const pairs = owner.items.map(pair => (pair.type === 'tuple' ? pair.items : []));
    return pairs.findLast(([key]) => key?.type === 'plain' && key.value === at.value)?.[1];
  }
  if (typeof at.value !== 'number' || !Number.isInteger(at.value)) return undefined;
  if (owner.type === 'tuple') return owner.items.at(at.value);
  return owner.type === 'sequence' ? owner.items.at(at.value)?.value : undefined;
}

/** The same module, as if it stood where it was asked for. */
export function placedAt(value: Value, place: SourcePosition): Value {
  return isModule(value) ? { ...value, place } : value;
}

/** More layers than anybody writes; a name used over and over could stand for more than there is memory. */
const MOST_LAYERS = 2000;
/** Sequences within one another. */
const DEEPEST_NESTING = 100;

/** A sequence of modules. @throws CodeError where there are too many layers in them */
export function sequenceOf(items: readonly NamedModule[], place: SourcePosition): SequenceValue {
  return bounded({ type: 'sequence', items: [...items], place }, place);
}

/** The same sequence. @throws CodeError where it holds too much, or itself */
export function bounded(sequence: SequenceValue, place: SourcePosition): SequenceValue {
  const stack: { module: ModuleValue; depth: number }[] = [{ module: sequence, depth: 0 }];
  let [layers, visits] = [0, 0];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { module, depth } = top;
    if (module.type !== 'sequence') layers++;
    if (layers > MOST_LAYERS || ++visits > 2 * MOST_LAYERS)
      fail(`These are more layers than are read here: at most ${MOST_LAYERS}. Paste a part of them.`, place);
    if (depth > DEEPEST_NESTING)
      fail(
        `This nn.Sequential holds itself, or more than ${DEEPEST_NESTING} lie within one another: write them as one.`,
        place,
      );
    if (module.type === 'sequence')
      for (const { value } of module.items) stack.push({ module: value, depth: depth + 1 });
  }
  return sequence;
}

/** The layers in a module, each once, wherever it stands. */
export function layersIn(module: ModuleValue): LayerValue[] {
  const found = new Map<object, LayerValue>();
  const seen = new Set<object>();
  const stack = [module];
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.type === 'layer') found.set(top.state, top);
    if (top.type !== 'sequence' || seen.has(top.items)) continue;
    seen.add(top.items);
    stack.push(...top.items.map(({ value }) => value).toReversed());
  }
  return [...found.values()];
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

/** What an operator gives that needs all its operands; a sign with a space behind it stands alone. */
export function operate(sign: string, operands: readonly Value[], place: SourcePosition): Value {
  const [first, second] = operands as [Value, Value];
  if (sign === 'not ') return { type: 'plain', value: !isTrue(first, place) };
  if (sign === '==' || sign === '!=') {
    if (first.type !== 'plain' || second.type !== 'plain')
      return fail('Whether these are equal is not known here: write what follows from it.', place);
    const isEqual = asNumber(first.value) === asNumber(second.value);
    return { type: 'plain', value: isEqual === (sign === '==') };
  }
  if (sign === 'is' || sign === 'is not') {
    const [one, other] = [first, second].map(each => isNothing(each, place));
    if (!one && !other) return fail('“is” is for None here: write “==”.', place);
    return { type: 'plain', value: (one && other) === (sign === 'is') };
  }
  if (isList(first) && second && isList(second) && sign === '+') {
    if (first.items.length + second.items.length > MOST_LAYERS) fail('This tuple gets too long.', place);
    return { type: 'tuple', items: [...first.items, ...second.items] };
  }
  if (first.type === 'sequence' && second?.type === 'sequence' && sign === '+') {
    const items = [...first.items, ...second.items].map(({ value }) => ({ name: null, value }));
    return sequenceOf(items, place);
  }
  const unknown = operands.find(each => each.type === 'unknown');
  if (unknown?.type === 'unknown') fail(unknown.message, place);
  const [a, b] = operands.map(numberOf);
  if (a === undefined || (operands.length > 1 && b === undefined)) {
    return fail(`“${sign.trim()}” is for numbers here.`, place);
  }
  if (b === undefined) return { type: 'plain', value: sign === '- ' ? -a : a };
  const result = ARITHMETIC[sign]!(a, b);
  if (typeof result === 'number' && !Number.isFinite(result)) fail('This gives no number.', place);
  if (Number.isInteger(result) && !Number.isSafeInteger(result))
    fail('This number is too large here.', place);
  return { type: 'plain', value: result };
}

function isNothing(value: Value, place: SourcePosition): boolean {
  if (value.type === 'unknown') return fail(value.message, place);
  if (value.type === 'path') return fail(`${value.path} is not known here: write its value.`, place);
  return value.type === 'plain' && value.value === null;
}

/** To Python, True is 1. */
const asNumber = <T>(value: T) => (typeof value === 'boolean' ? Number(value) : value);

/** What is no dictionary. */
export const isList = (value: Value): value is Value & { type: 'tuple' } =>
  value.type === 'tuple' && !value.isDictionary && !value.isNamed;

function numberOf(value: Value): number | undefined {
  return value.type === 'plain' && typeof value.value === 'number' ? value.value : undefined;
}

/** An argument of a method. */
export interface GivenValue {
  readonly name: string | null;
  readonly value: Value;
  readonly place: SourcePosition;
}
