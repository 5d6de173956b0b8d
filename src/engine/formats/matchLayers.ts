/**
 * Brings layers of a file and of a network together by their order, where their names say nothing: the longest
 * sequence of layers that both have, told by which weights a layer has and how large they are; between two of those,
 * layers of the same sort in turn, as heads that tell other classes apart.
 */
import { sizeOf } from '../layers/shape.ts';
import { layerAndWeight } from './weightNames.ts';
import type { NamedShape, WeightSlot } from './weightSlots.ts';

/** Weights of one layer, by their own names. */
interface Layer<T> {
  readonly weights: ReadonlyMap<string, T>;
  /** The names of its weights. */
  readonly sort: string;
  /** Beside that, how large they are. */
  readonly size: string;
}

/** The comparison takes a step for each pair of layers: beyond it, none are compared. */
const MOST_PAIRS = 16_000_000;

/** @returns for each weight what is likely meant for it, also where shapes differ */
export function matchLayers(
  slots: readonly WeightSlot[],
  tensors: readonly NamedShape[],
): ReadonlyMap<WeightSlot, NamedShape> {
  const [ours, theirs] = [layersOf(slots), layersOf(tensors)];
  const matched = new Map<WeightSlot, NamedShape>();
  if (ours.length * theirs.length > MOST_PAIRS) return matched;
  const pair = (own: Layer<WeightSlot>, other: Layer<NamedShape>) => {
    for (const [weight, slot] of own.weights) matched.set(slot, other.weights.get(weight)!);
  };
  let [i, j] = [0, 0];
  for (const [nextOwn, nextOther] of [
    ...longestCommon(ours, theirs),
    [ours.length, theirs.length] as const,
  ]) {
    pairInTurn(ours.slice(i, nextOwn), theirs.slice(j, nextOther), pair);
    const [own, other] = [ours[nextOwn], theirs[nextOther]];
    if (own && other) pair(own, other);
    [i, j] = [nextOwn + 1, nextOther + 1];
  }
  return matched;
}

function layersOf<T extends NamedShape>(weights: readonly T[]): Layer<T>[] {
  const byLayer = Map.groupBy(weights, ({ name }) => layerAndWeight(name)[0]);
  return [...byLayer.values()].map(group => {
    const named = group.map(each => [layerAndWeight(each.name)[1], each] as const);
    named.sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      weights: new Map(named),
      sort: named.map(([name]) => name).join(),
      // A 1×1 convolution and a linear layer have the same size.
      size: named.map(([name, { shape }]) => `${name}:${shape[0] ?? 1}:${sizeOf(shape)}`).join(),
    };
  });
}

/** The places of the longest sequence of layers that agree in size, in both. */
function longestCommon(
  ours: readonly Layer<unknown>[],
  theirs: readonly Layer<unknown>[],
): (readonly [number, number])[] {
  const width = theirs.length + 1;
  /** How long the longest is from these places on. */
  const lengths = new Uint32Array((ours.length + 1) * width);
  for (let i = ours.length - 1; i >= 0; i--)
    for (let j = theirs.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] =
        ours[i]!.size === theirs[j]!.size
          ? lengths[at + width + 1]! + 1
          : Math.max(lengths[at + width]!, lengths[at + 1]!);
    }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < ours.length && j < theirs.length; ) {
    if (ours[i]!.size === theirs[j]!.size) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}

/** Pairs layers of the same sort, the first with the first. */
function pairInTurn<A, B>(
  ours: readonly Layer<A>[],
  theirs: readonly Layer<B>[],
  pair: (own: Layer<A>, other: Layer<B>) => void,
): void {
  const waiting = Map.groupBy(theirs, ({ sort }) => sort);
  for (const own of ours) {
    const other = waiting.get(own.sort)?.shift();
    if (other) pair(own, other);
  }
}
