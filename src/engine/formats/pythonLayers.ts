/** Constructors of layers in pasted code. */
import { padModules } from '../layers/padding.ts';
import { type GivenArgument, type Reading, readArguments } from '../layers/torchForm.ts';
import { zeroPad2d } from '../layers/zeroPad2d.ts';
import { knownNames, modulesByName, nearest, padsByName } from './moduleNames.ts';
import { type SourcePosition, tokenize } from './pythonTokens.ts';
import type { GivenExpression } from './pythonTree.ts';
import type { GivenValue } from './pythonValues.ts';
import {
  fail,
  isModule,
  type LayerValue,
  type NamedModule,
  namedItem,
  type PadValue,
  type SequenceValue,
  sequenceOf,
  type Value,
} from './pythonValues.ts';

/** What a called name is. */
export type Named =
  /** A layer, nn.Sequential or OrderedDict; the note says that its name was corrected. */
  | { readonly known: string; readonly note?: string }
  /** Neither a layer nor a misspelt one: another function, or an unknown name. */
  | { readonly unknown: string };

/** PyTorch's modules. */
const LAYERS = /^(?:torch\.)?nn\.\w+$/;
/** Functions and other non-modules of PyTorch that share names with layers. */
const FUNCTIONS = /^(?:F|torch|(?:torch\.)?nn\.(?:functional|init|utils|parameter))\./;

/** @throws CodeError where it looks like a layer, but none is known */
export function namedBy(path: string, place: SourcePosition): Named {
  const name = path.split('.').at(-1)!;
  const isOfLayers = !path.includes('.') || LAYERS.test(path);
  const isKnown = knownNames.includes(name);
  if (isKnown && (isOfLayers || path === 'collections.OrderedDict')) return { known: name };
  if (isKnown && !FUNCTIONS.test(path))
    fail(
      `${path} is not PyTorch’s ${name}, and is not read here: write nn.${name}(…) where it does the same.`,
      place,
    );
  if (!isOfLayers) return { unknown: `There is no layer ${path} here: it is not of torch.nn.` };
  const alike = knownNames.find(known => known.toLowerCase() === name.toLowerCase());
  if (alike) return { known: alike, note: `PyTorch writes ${alike}; ${name} was read as that.` };
  const isOwn = !path.includes('.') && /^[a-z_]/.test(name);
  if (isOwn) return { unknown: `${name} is not known here: paste its “def ${name}(…)” too.` };
  if (name.endsWith('Loss')) return { unknown: `${name} is no layer: a loss is chosen for the training.` };
  const near = nearest(name, knownNames);
  const hint = near ? `Did you mean ${near}?` : 'It is not among the layers of the palette.';
  return fail(`There is no layer ${path} here. ${hint}`, place);
}

/** Whether a class is exactly one that our exporter defines. */
export function isOurClass(name: string, words: readonly string[]): boolean {
  const forms = [...(modulesByName.get(name) ?? []).map(({ form }) => form), ...Object.values(padModules)];
  return forms.some(({ module, definition }) => {
    if (module !== name || !definition) return false;
    const own = tokenize(definition).filter(({ kind }) => kind !== 'newline' && kind !== 'end');
    return own.length === words.length && own.every(({ text }, i) => text === words[i]);
  });
}

/** Name and layer pairs of a dictionary. The last value of a name counts, at the position of the first. */
export function makeOrdered([pairs, further]: readonly GivenValue[], place: SourcePosition): Value {
  if (further) fail('OrderedDict is read with one list of pairs: put all names into it.', further.place);
  if (!pairs)
    return fail('OrderedDict wants pairs of a name and a layer: OrderedDict([("conv1", …)]).', place);
  const { value } = pairs;
  if (value.type !== 'tuple')
    return fail('Here stand pairs of a name and a layer: [("conv1", …)].', pairs.place);
  const named = value.items.map(pair => [namedItem(pair, pairs.place).name, pair] as const);
  return { ...value, items: [...new Map(named).values()], isNamed: true };
}

export function makeSequence(given: readonly GivenValue[], place: SourcePosition): SequenceValue {
  const items = given.flatMap(({ name, value, place: at }): readonly NamedModule[] => {
    if (name !== null)
      fail(`nn.Sequential has no argument ${name}: its layers stand one after the other.`, at);
    if (isModule(value)) return [{ name: null, value }];
    if (value.type === 'tuple' && value.isNamed) return value.items.map(pair => namedItem(pair, at));
    if (value.type === 'unknown') return fail(value.message, at);
    return fail(
      value.type === 'path'
        ? `${value.path} is not known here: it should be a layer, as nn.ReLU().`
        : 'nn.Sequential takes layers, one after the other.',
      at,
    );
  });
  return sequenceOf(items, place);
}

type Refusal = Extract<Reading, { wrong: string }>;

/** A padding module, which becomes the padding mode of a convolution. */
export function makePad(
  name: string,
  given: readonly GivenArgument[],
  written: readonly GivenExpression[],
  place: SourcePosition,
): PadValue | null {
  const mode = padsByName.get(name);
  if (!mode) return null;
  const reading = readArguments(padModules[mode], { sides: zeroPad2d.fields.padding }, given);
  if ('wrong' in reading) return fail(reading.wrong, placeOf(reading, written, place));
  return { type: 'pad', mode, sides: reading.params.sides as readonly number[], place };
}

/** If two kinds have the same module, the first whose signature accepts the arguments. */
export function makeLayer(
  name: string,
  given: readonly GivenArgument[],
  written: readonly GivenExpression[],
  place: SourcePosition,
): LayerValue {
  let refused: Refusal | undefined;
  for (const { kind, form, isFrozen } of modulesByName.get(name) ?? []) {
    const reading = readArguments(form, kind.fields, given);
    if ('wrong' in reading) {
      refused = reading;
      continue;
    }
    const claims = reading.claims.map(({ argument, given: index }) => ({
      name: argument.name,
      value: given[index]!.value,
      of: argument.flowsIn,
      place: written[index]!.value.place,
    }));
    const state = { frozen: isFrozen };
    return { type: 'layer', kind, params: { ...reading.params }, claims, state, place };
  }
  return fail(
    refused?.wrong ?? `There is no layer ${name}.`,
    refused ? placeOf(refused, written, place) : place,
  );
}

function placeOf(
  { given, isUnknown }: Refusal,
  written: readonly GivenExpression[],
  otherwise: SourcePosition,
): SourcePosition {
  if (given === null) return otherwise;
  return isUnknown ? written[given]!.place : written[given]!.value.place;
}
