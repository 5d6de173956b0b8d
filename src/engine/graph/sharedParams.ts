/**
 * Editing several nodes at once: their common fields, common values, and setting a value in all of them. Where values
 * differ there is none; for pairs and sides, each number is compared separately.
 */
import type { Field, Fields } from '../layers/fields.ts';
import type { LayerKind } from '../layers/layer.ts';
import type { Graph, NodeId } from './document.ts';
import { setParams } from './edits.ts';

/** In place of a value that differs. */
const MIXED = undefined;

/** The fields that all kinds have with the same name and type, with the first kind's wording. */
export function commonFields(kinds: readonly LayerKind[]): Fields {
  const [first, ...others] = kinds;
  const shared = Object.entries(first?.fields ?? {}).filter(([name, field]) =>
    others.every(({ fields }) => fields[name] !== undefined && isAlike(field, fields[name])),
  );
  return Object.fromEntries(shared);
}

function isAlike(a: Field<unknown>, b: Field<unknown>): boolean {
  return a.widget === b.widget && a.options?.join() === b.options?.join();
}

/** The value that is the same in all, or MIXED; for arrays of equal length, element by element. */
export function commonValue(values: readonly unknown[]): unknown {
  const [first, ...others] = values;
  if (Array.isArray(first) && others.every(other => Array.isArray(other) && other.length === first.length)) {
    return first.map((_, i) => commonValue(values.map(value => (value as unknown[])[i])));
  }
  return others.every(other => Object.is(other, first)) ? first : MIXED;
}

export function isMixed(value: unknown): boolean {
  return value === MIXED || (Array.isArray(value) && value.includes(MIXED));
}

/** Sets a parameter of many nodes. MIXED elements of an array stay as they are in each node. */
export function setShared(graph: Graph, ids: readonly NodeId[], name: string, value: unknown): Graph {
  return ids.reduce((current, id) => {
    const own = current.nodes[id]?.params[name];
    return setParams(current, id, { [name]: Array.isArray(value) ? filled(value, own) : value });
  }, graph);
}

function filled(value: readonly unknown[], own: unknown): unknown[] {
  const given = value.find(item => item !== MIXED);
  return value.map((item, i) => (item !== MIXED ? item : Array.isArray(own) ? own[i] : given));
}
