/** Values of expressions in pasted code, and their arithmetic. */
import type { LayerKind } from '../layers/layer.ts';
import type { PaddingMode } from '../layers/paddingMode.ts';
import type { PyValue } from '../layers/python.ts';
import type { Shape } from '../layers/shape.ts';
import { CodeError, type SourcePosition } from './pythonTokens.ts';
import type { Statement } from './pythonTree.ts';

/** A derived argument that the code states, such as `in_channels`, to be compared with the inferred one. */
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
  /** Shared by all occurrences of the layer: whether it is frozen. */
  readonly state: { frozen: boolean };
  readonly place: SourcePosition;
}

/** A padding module, to be merged into the following convolution. */
export interface PadValue {
  readonly type: 'pad';
  readonly mode: PaddingMode;
  readonly sides: readonly number[];
  readonly place: SourcePosition;
}

/** An item of a sequence; unnamed items go by their index. */
export interface NamedModule {
  readonly name: string | null;
  readonly value: ModuleValue;
}

export interface SequenceValue {
  readonly type: 'sequence';
  /** The same array for all names of the sequence, so that changes are shared. */
  readonly items: NamedModule[];
  readonly place: SourcePosition;
}

export type ModuleValue = LayerValue | PadValue | SequenceValue;

/** A scope for looking up names. */
export interface Names {
  /** @throws CodeError where a local name has no value yet */
  find(name: string, place: SourcePosition): Value | undefined;
}

export type Value =
  | ModuleValue
  | { readonly type: 'plain'; readonly value: number | string | boolean | null }
  /** A tuple or list, or a dictionary's items; `isNamed`: pairs of name and layer. */
  | {
      readonly type: 'tuple';
      readonly items: readonly Value[];
      readonly isDictionary?: boolean;
      readonly isNamed?: boolean;
    }
  | {
      readonly type: 'function';
      /** Default values are evaluated where the function is defined, as in Python. */
      readonly parameters: readonly { readonly name: string; readonly standard: Value | null }[];
      readonly body: readonly Statement[];
      /** Its local names, and the enclosing scope. */
      readonly own: ReadonlySet<string>;
      readonly around: Names;
    }
  /** A name of PyTorch, or an unknown one: `nn.Conv2d`. */
  | { readonly type: 'path'; readonly path: string }
  /** An attribute of a module, possibly a path: `append`, `weight.data.fill_`. */
  | { readonly type: 'method'; readonly of: ModuleValue; readonly name: string }
  /** The result of unsupported code; the message says why it is no layer or number. */
  | {
      readonly type: 'unknown';
      readonly message: string;
      /** Whether layers may be accessible through it, so that changing it may change the network. */
      readonly holdsLayers?: boolean;
    };

export const NONE: Value = { type: 'plain', value: null };

export function fail(message: string, place: SourcePosition): never {
  throw new CodeError(message, place);
}

export function isModule(value: Value): value is ModuleValue {
  return value.type === 'layer' || value.type === 'pad' || value.type === 'sequence';
}

/** The truth value, as in Python. */
export function isTrue(value: Value, place: SourcePosition): boolean {
  if (value.type === 'plain') return Boolean(value.value);
  if (value.type === 'tuple') return value.items.length > 0;
  return fail('Whether this holds is not known here: write what follows from it.', place);
}

/** The value as an argument of a layer. */
export function plainOf(value: Value, place: SourcePosition): PyValue {
  if (value.type === 'plain') return value.value;
  if (value.type === 'tuple') {
    // No layer takes nested tuples, which could be built to exhaust memory.
    if (value.items.some(({ type }) => type === 'tuple'))
      fail('No layer takes a tuple within a tuple.', place);
    return value.items.map(item => plainOf(item, place));
  }
  if (value.type === 'path') return fail(`${value.path} is not known here: write its value.`, place);
  if (value.type === 'unknown') return fail(value.message, place);
  return fail('A number, a string or a tuple is expected here.', place);
}

/** A pair of name and layer. */
export function namedItem(pair: Value, place: SourcePosition): { name: string; value: ModuleValue } {
  const [name, value] = pair.type === 'tuple' ? pair.items : [];
  const isNamed = name?.type === 'plain' && typeof name.value === 'string';
  if (!isNamed || !value || !isModule(value)) {
    fail('OrderedDict wants pairs of a name and a layer: ("conv1", nn.Conv2d(…)).', place);
  }
  return { name: name.value as string, value };
}

/** An item by index, or of a dictionary by key. */
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

/** The same module, with the position of the expression. */
export function placedAt(value: Value, place: SourcePosition): Value {
  return isModule(value) ? { ...value, place } : value;
}

/** The most layers; without a limit, repeated use of a variable could exhaust memory. */
const MOST_LAYERS = 2000;
/** The deepest nesting of sequences. */
const DEEPEST_NESTING = 100;

/** A sequence of modules. @throws CodeError where it has too many layers */
export function sequenceOf(items: readonly NamedModule[], place: SourcePosition): SequenceValue {
  return bounded({ type: 'sequence', items: [...items], place }, place);
}

/** The same sequence. @throws CodeError where it is too large, or contains itself */
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

/** The distinct layers in a module, at any depth. */
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

/** The result of an operator that evaluates all its operands; a sign followed by a space is unary. */
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

/** True is 1 in Python. */
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
