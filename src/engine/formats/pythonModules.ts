/**
 * Method calls on modules in pasted code: changes of an nn.Sequential, as PyTorch makes them; freezing; methods without
 * effect on the network, which are ignored. Everything else is refused, so that no change of the network is overlooked.
 */
import { moduleNames } from './pythonNames.ts';
import { setsWeightsAlone } from './pythonPassing.ts';
import type { SourcePosition } from './pythonTokens.ts';
import {
  bounded,
  fail,
  type GivenValue,
  isModule,
  layersIn,
  type ModuleValue,
  type NamedModule,
  type SequenceValue,
  sequenceOf,
  type Value,
} from './pythonValues.ts';

/** The result of a method call, with an optional note. */
interface Outcome {
  readonly value: Value;
  readonly note?: string;
}

/** Methods that return the module itself, without effect here. */
const SILENT = new Set('to cuda cpu xpu ipu mtia train float zero_grad'.split(' '));
/** The same, but with a note, as users may expect an effect. */
const NOTED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    eval: 'networks are trained and evaluated as it is fit here',
    apply: 'weights begin as each kind of layer says here',
    half: 'networks are computed in float32 here',
    bfloat16: 'networks are computed in float32 here',
    double: 'networks are computed in float32 here',
    type: 'networks are computed in float32 here',
    compile: 'the network is the same',
    share_memory: 'the network is the same',
    load_state_dict: 'a graph holds no weights',
    to_empty: 'a graph holds no weights',
  }),
);
/** Methods that only read the module. */
const INSPECTING_METHODS = new Set(
  'parameters named_parameters buffers named_buffers state_dict forward extra_repr'.split(' '),
);
/** Methods that return its layers, which could then be changed. */
const GIVES_LAYERS = new Set('children named_children modules named_modules'.split(' '));
/** Attributes of weights: `weight.data.fill_`. */
const WEIGHTS = /^(weight|bias|running_mean|running_var|num_batches_tracked)(\.|$)/;

/** @throws CodeError where the method is not supported */
export function callMethod(
  of: ModuleValue,
  name: string,
  given: readonly GivenValue[],
  place: SourcePosition,
): Outcome {
  if (SILENT.has(name)) return { value: of };
  if (name === 'apply') checkApplied(given);
  const why = NOTED.get(name);
  if (why) return { value: of, note: `${name}(…) is passed over: ${why}.` };
  if (INSPECTING_METHODS.has(name) || GIVES_LAYERS.has(name)) {
    const message = `What ${name}(…) gives is not read here: write the layers out.`;
    return { value: { type: 'unknown', message, holdsLayers: GIVES_LAYERS.has(name) } };
  }
  if (name === 'requires_grad_') return freezing(of, given, place);
  if (WEIGHTS.test(name)) return weights(name, place);
  const change = changes.get(name === 'register_module' ? 'add_module' : name);
  if (!change || of.type !== 'sequence')
    return fail(
      `${name}(…) of ${of.type === 'sequence' ? 'nn.Sequential' : 'a layer'} is not read here: write the network as it is afterwards.`,
      place,
    );
  checkTaken(name, given, place);
  const value = change(of, given, place);
  bounded(of, place);
  return { value };
}

/** A function given to `apply` may only set weights. */
function checkApplied(given: readonly GivenValue[]): void {
  const found = given.find(
    ({ value }) => value.type === 'method' || (value.type === 'function' && !setsWeightsAlone(value.body)),
  );
  if (!found) return;
  const message = 'What apply(…) calls may change the network: write the network as it is afterwards.';
  fail(message, found.place);
}

export function isOfWeights(name: string): boolean {
  return WEIGHTS.test(name);
}

function weights(name: string, place: SourcePosition): Outcome {
  if (/requires_grad/.test(name))
    fail('A layer is frozen as a whole here: call requires_grad_(False) of the layer.', place);
  return {
    value: { type: 'unknown', message: 'Weights are not in a graph.' },
    note: `What is done to ${name.split('.')[0]} is passed over: weights are not in a graph.`,
  };
}

/** Freezes or unfreezes every layer with weights in a module. */
function freezing(of: ModuleValue, given: readonly GivenValue[], place: SourcePosition): Outcome {
  const [argument] = given;
  const wanted =
    argument === undefined ? true : argument.value.type === 'plain' ? argument.value.value : null;
  if (typeof wanted !== 'boolean') fail('requires_grad_ takes True or False here.', argument?.place ?? place);
  let keeps = false;
  for (const { kind, params, claims, state } of layersIn(of)) {
    keeps ||= params.trackRunningStats === true && !wanted && !state.frozen;
    if ('frozen' in kind.fields) params.frozen = !wanted;
    else if (claims.length > 0 || kind.kind === 'PReLU') state.frozen = !wanted;
  }
  const note =
    'PyTorch goes on with the running statistics of a frozen normalisation; here it keeps them, too.';
  return keeps ? { value: of, note } : { value: of };
}

type Change = (sequence: SequenceValue, given: readonly GivenValue[], place: SourcePosition) => Value;

const CHANGES: Readonly<Record<string, Change>> = {
  append(sequence, given, place) {
    put(sequence, String(sequence.items.length), moduleOf(argument(given, 0, 'module', place)));
    return sequence;
  },
  extend(sequence, given, place) {
    const { value, place: at } = argument(given, 0, 'sequential', place);
    const added =
      value.type === 'sequence'
        ? value.items.map(item => item.value)
        : value.type === 'tuple'
          ? value.items
          : [];
    if (!added.every(isModule) || (value.type !== 'sequence' && value.type !== 'tuple'))
      fail('extend takes layers: another nn.Sequential, or a list.', at);
    if (value.type === 'sequence' && value.items === sequence.items)
      fail('This nn.Sequential would go on for ever.', at);
    for (const each of [...added]) put(sequence, String(sequence.items.length), each as ModuleValue);
    return sequence;
  },
  insert(sequence, given, place) {
    const { items } = sequence;
    const index = numberOf(argument(given, 0, 'index', place));
    const at = index < 0 ? index + items.length : index;
    if (at < 0 || at > items.length)
      fail(`There are ${items.length} layers: insert takes a place among them.`, place);
    if (items.some(({ name }) => name !== null))
      fail('insert is for layers without names: write the layers out.', place);
    items.splice(at, 0, { name: null, value: moduleOf(argument(given, 1, 'module', place)) });
    return sequence;
  },
  pop(sequence, given, place) {
    const at = placeIn(sequence, numberOf(argument(given, 0, 'key', place)), place);
    const { value } = sequence.items[at]!;
    remove(sequence, [at]);
    return value;
  },
  add_module(sequence, given, place) {
    const { value: name, place: at } = argument(given, 0, 'name', place);
    const wanted = name.type === 'plain' && typeof name.value === 'string' ? name.value : null;
    if (wanted === null) fail('Here stands the name of the layer: add_module("conv1", …).', at);
    if (/^$|\./.test(wanted!) || moduleNames.has(wanted!))
      fail(`PyTorch takes no layer of the name “${wanted}”: choose another.`, at);
    put(sequence, wanted!, moduleOf(argument(given, 1, 'module', place)));
    return { type: 'plain', value: null };
  },
};
const changes: ReadonlyMap<string, Change> = new Map(Object.entries(CHANGES));

/** The parameters of each method, in order. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  append: ['module'],
  extend: ['sequential'],
  insert: ['index', 'module'],
  pop: ['key'],
  add_module: ['name', 'module'],
  register_module: ['name', 'module'],
};

function checkTaken(name: string, given: readonly GivenValue[], place: SourcePosition): void {
  const taken = TAKEN[name]!;
  const isForeign = (argument: string | null) => argument !== null && !taken.includes(argument);
  if (given.length > taken.length || given.some(each => isForeign(each.name)))
    fail(`${name}(…) takes ${taken.join(' and ')}, and nothing else.`, place);
}

function argument(given: readonly GivenValue[], at: number, name: string, place: SourcePosition): GivenValue {
  const found = given.find(each => each.name === name) ?? (given[at]?.name === null ? given[at] : undefined);
  return found ?? fail(`${name} is missing here.`, place);
}

function moduleOf({ value, place }: GivenValue): ModuleValue {
  if (isModule(value)) return value;
  return fail(value.type === 'unknown' ? value.message : 'A layer is expected here, as nn.ReLU().', place);
}

function numberOf({ value, place }: GivenValue): number {
  if (value.type === 'plain' && Number.isInteger(value.value)) return value.value as number;
  return fail('A whole number is expected here.', place);
}

/** Resolves a negative index. */
export function placeIn({ items }: SequenceValue, index: number, place: SourcePosition): number {
  const at = index < 0 ? index + items.length : index;
  if (at < 0 || at >= items.length) fail('There is no such entry.', place);
  return at;
}

/** Sets an item by name: in its place if the name exists, else at the end, as in a dictionary. */
export function put({ items }: SequenceValue, name: string, value: ModuleValue): void {
  const at = items.findIndex((each, i) => (each.name ?? String(i)) === name);
  if (at >= 0) items[at] = { name: items[at]!.name, value };
  else items.push({ name: name === String(items.length) ? null : name, value });
}

/** Removes items by index: the others are numbered anew, as in PyTorch. */
export function remove({ items }: SequenceValue, places: readonly number[]): void {
  const rest = items.filter((_, i) => !places.includes(i)).map(({ value }) => ({ name: null, value }));
  items.splice(0, items.length, ...rest);
}

/** Removes an item by name: the others keep their names. */
export function removeNamed(sequence: SequenceValue, name: string): boolean {
  const rest = named(sequence).filter(each => each.name !== name);
  if (rest.length === sequence.items.length) return false;
  sequence.items.splice(0, sequence.items.length, ...renumbered(rest));
  return true;
}

/** A slice of a sequence, with the layers' names. */
export function slice(
  sequence: SequenceValue,
  start: number | undefined,
  end: number | undefined,
  place: SourcePosition,
): SequenceValue {
  return sequenceOf(renumbered(named(sequence).slice(start, end)), place);
}

/** The items of a sequence, unnamed ones by index. */
function named({ items }: SequenceValue): { name: string; value: ModuleValue }[] {
  return items.map(({ name, value }, i) => ({ name: name ?? String(i), value }));
}

/** Drops names that equal the item's index. */
function renumbered(items: readonly { name: string; value: ModuleValue }[]): NamedModule[] {
  return items.map(({ name, value }, i) => ({ name: name === String(i) ? null : name, value }));
}
