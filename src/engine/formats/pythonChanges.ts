/** Item assignment and deletion on an nn.Sequential in pasted code: `net[0] = …`, `del net.conv`. */
import { isOfWeights, placeIn, put, remove, removeNamed } from './pythonModules.ts';
import type { SourcePosition } from './pythonTokens.ts';
import { bounded, fail, isModule, type Value } from './pythonValues.ts';

/** A key: an attribute's name, an index, or a slice. */
export type Key =
  | { readonly name: string }
  | { readonly index: number }
  | { readonly part: readonly [start?: number, end?: number] };

/** @returns a note where the assignment is ignored */
export function assignIn(
  owner: Value,
  key: Key,
  { value, place: at }: { readonly value: Value; readonly place: SourcePosition },
  place: SourcePosition,
): string | null {
  if (owner.type === 'unknown' && owner.holdsLayers) return fail(owner.message, place);
  const isFrozen = 'name' in key && key.name === 'requires_grad' && value.type === 'plain' && !value.value;
  if (owner.type === 'unknown' && isFrozen)
    return fail('A layer is frozen as a whole here: call requires_grad_(False) of the layer.', place);
  if (owner.type === 'unknown' || owner.type === 'path')
    return 'This is passed over: it is not of the network.';
  const isOfData = 'name' in key && key.name === 'data';
  if (owner.type === 'method' && isOfWeights(owner.name) && isOfData)
    return 'This is passed over: weights are not in a graph.';
  if (owner.type !== 'sequence' || 'part' in key)
    return fail('This is not changed afterwards here: write it where the layer is made.', place);
  if (!isModule(value)) return fail('Only a layer can stand in nn.Sequential here.', at);
  if ('name' in key) put(owner, key.name, value);
  else {
    const index = placeIn(owner, key.index, place);
    owner.items[index] = { name: owner.items[index]!.name, value };
  }
  bounded(owner, place);
  return null;
}

export function deleteFrom(owner: Value, key: Key, place: SourcePosition): void {
  if (owner.type !== 'sequence') fail('Only a layer of an nn.Sequential is deleted here.', place);
  if ('index' in key) remove(owner, [placeIn(owner, key.index, place)]);
  else if ('part' in key) {
    const places = owner.items.map((_, i) => i);
    remove(owner, places.slice(...key.part));
  } else if (!removeNamed(owner, key.name)) fail(`There is no layer ${key.name} in it.`, place);
}
