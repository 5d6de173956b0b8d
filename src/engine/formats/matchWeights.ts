/**
 * Which tensors of a file go into which weights of a network: by name, as torchvision's fit the zoo; what is left, by
 * the order and shape of layers (matchLayers.ts). The answer is a table that a person can change before anything is
 * taken. It looks at names and shapes alone.
 */
import { sizeOf } from '../layers/shape.ts';
import { matchLayers } from './matchLayers.ts';
import type { TensorSource } from './safetensors.ts';
import { comparable, isCounter, wrapperPrefix } from './weightNames.ts';
import type { NamedShape, WeightSlot } from './weightSlots.ts';
import { WeightsError } from './weightsError.ts';
import type { TensorEntry } from './weightsFile.ts';

/** `reshape`: the same numbers in the same order, in another shape. */
export type MatchChoice = 'take' | 'reshape' | 'skip';

/** One row of the table: a weight of the network, or a tensor that none of them gets. */
export interface WeightMatch {
  /** Null: the tensor is left over. */
  readonly slot: WeightSlot | null;
  /** Null: the file has nothing for this weight. */
  readonly tensor: NamedShape | null;
  /** What they were brought together by. */
  readonly by: 'name' | 'order' | null;
  readonly finding: 'fits' | 'other shape' | 'missing' | 'left over';
  /** What can be done about it, the present choice among them. */
  readonly choices: readonly MatchChoice[];
  readonly choice: MatchChoice;
}

/** What a file has lets its layers be told by their order only where at least so many of those without a name fit. */
const PLAUSIBLE = 0.5;

/** @returns a row for each weight of the network, in its order, then one for each tensor that is left over */
export function matchWeights(slots: readonly WeightSlot[], tensors: Iterable<NamedShape>): WeightMatch[] {
  const given = [...tensors].filter(({ name }) => !isCounter(name));
  const named = matchedByName(slots, given);
  const unnamed = slots.filter(slot => !named.has(slot));
  const used = new Set(named.values());
  const spare = given.filter(tensor => !used.has(tensor));
  const ordered = matchLayers(unnamed, spare);
  const fitting = [...ordered].filter(([slot, { shape }]) => fits(slot.shape, shape)).length;
  const isPlausible = fitting >= PLAUSIBLE * unnamed.length;
  for (const tensor of ordered.values()) used.add(tensor);
  const rows = slots.map((slot): WeightMatch => {
    const byName = named.get(slot);
    const tensor = byName ?? ordered.get(slot);
    if (!tensor)
      return { slot, tensor: null, by: null, finding: 'missing', choices: ['skip'], choice: 'skip' };
    const choices = choicesFor(slot.shape, tensor.shape);
    const finding = choices[0] === 'take' ? 'fits' : 'other shape';
    const choice = byName || isPlausible ? choices[0]! : 'skip';
    return { slot, tensor, by: byName ? 'name' : 'order', finding, choices, choice };
  });
  const left = given.filter(tensor => !used.has(tensor));
  const leftOver = left.map((tensor): WeightMatch => {
    return { slot: null, tensor, by: null, finding: 'left over', choices: ['skip'], choice: 'skip' };
  });
  return [...rows, ...leftOver];
}

function matchedByName(
  slots: readonly WeightSlot[],
  tensors: readonly NamedShape[],
): Map<WeightSlot, NamedShape> {
  const byName = new Map(slots.map(slot => [comparable(slot.name), slot]));
  const prefix = wrapperPrefix(
    tensors.map(({ name }) => name),
    byName.keys(),
  );
  const matched = new Map<WeightSlot, NamedShape>();
  for (const tensor of tensors) {
    const slot = byName.get(comparable(tensor.name.slice(prefix.length)));
    if (slot && !matched.has(slot)) matched.set(slot, tensor);
  }
  return matched;
}

const fits = (wanted: readonly number[], given: readonly number[]) => wanted.join() === given.join();

const withoutOnes = (shape: readonly number[]) => shape.filter(extent => extent !== 1);

/** The first is what is right unless a person knows better. */
function choicesFor(wanted: readonly number[], given: readonly number[]): readonly MatchChoice[] {
  if (fits(wanted, given)) return ['take', 'skip'];
  if (sizeOf(wanted) !== sizeOf(given)) return ['skip'];
  // A 1×1 convolution for a linear layer, a convolution over all of an image for one behind Flatten.
  const isSame = fits(withoutOnes(wanted), withoutOnes(given));
  const isFlat = wanted[0] === given[0] && Math.min(wanted.length, given.length) === 2;
  return isSame || isFlat ? ['reshape', 'skip'] : ['skip', 'reshape'];
}

/** The table with another choice for one weight. @throws TypeError where it has no such choice */
export function withChoice(
  matches: readonly WeightMatch[],
  slot: string,
  choice: MatchChoice,
): WeightMatch[] {
  return matches.map(match => {
    if (match.slot?.name !== slot) return match;
    if (!match.choices.includes(choice)) throw new TypeError(`${slot} cannot be chosen to ${choice}`);
    return { ...match, choice };
  });
}

export interface MatchSummary {
  /** Of the network's weights. */
  readonly taken: number;
  readonly missing: number;
  readonly otherShape: number;
  /** Of the file's tensors. */
  readonly leftOver: number;
  /** Numbers that are taken, of all that the network has, and of all that the file has: from 0 to 1. */
  readonly ofNetwork: number;
  readonly ofFile: number;
}

export function summaryOf(matches: readonly WeightMatch[]): MatchSummary {
  const count = (finding: WeightMatch['finding']) =>
    matches.filter(match => match.finding === finding).length;
  const sum = (shapes: readonly (readonly number[] | undefined)[]) =>
    shapes.reduce((total, shape) => total + (shape ? sizeOf(shape) : 0), 0);
  const taken = matches.filter(({ choice }) => choice !== 'skip');
  const numbers = sum(taken.map(({ slot }) => slot?.shape));
  return {
    taken: taken.length,
    missing: count('missing'),
    otherShape: count('other shape'),
    leftOver: count('left over'),
    ofNetwork: numbers / Math.max(1, sum(matches.map(({ slot }) => slot?.shape))),
    ofFile: numbers / Math.max(1, sum(matches.map(({ tensor }) => tensor?.shape))),
  };
}

/**
 * What the table takes, under the network's names and shapes, each read when it is asked for.
 * @throws WeightsError when one is read whose numbers cannot be, or are none
 */
export function takenTensors(
  matches: readonly WeightMatch[],
  tensors: ReadonlyMap<string, TensorEntry>,
): TensorSource[] {
  return matches.flatMap(({ slot, tensor, choice }) => {
    const entry = tensor ? tensors.get(tensor.name) : undefined;
    if (!slot || !entry || choice === 'skip') return [];
    return [{ name: slot.name, shape: slot.shape, read: () => numbersOf(entry) }];
  });
}

/**
 * The same as what the engine restores from: undefined for a weight that takes nothing, or is of another size.
 * @throws WeightsError as takenTensors
 */
export function takenWeights(
  matches: readonly WeightMatch[],
  tensors: ReadonlyMap<string, TensorEntry>,
): (name: string, shape: readonly number[]) => Float32Array | undefined {
  const taken = new Map(takenTensors(matches, tensors).map(source => [source.name, source]));
  return (name, shape) => {
    const source = taken.get(name);
    return source && fits(source.shape, shape) ? source.read() : undefined;
  };
}

/** @throws WeightsError where they cannot be read, or are none */
function numbersOf(entry: TensorEntry): Float32Array {
  const values = Float32Array.from(entry.read());
  if (values.every(Number.isFinite)) return values;
  throw new WeightsError(
    `The tensor ${entry.name.slice(0, 200)} holds numbers that are infinite or none (NaN): the training that gave it went wrong, choose another file.`,
  );
}
