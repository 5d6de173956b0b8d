/**
 * Several nodes as one: the fields that they share, the values that they agree on, and one value set in all. Where
 * they differ there is no value; of a pair or of four sides, each number is looked at by itself.
 */
import type { Field, Fields } from '../layers/fields.ts';
import type { LayerKind } from '../layers/layer.ts';
import type { Graph, NodeId } from './document.ts';
import { setParams } from './edits.ts';

/** What stands for a value that is not the same in all. */
const MIXED = undefined;

/** The fields that all kinds have under one name and in one form; the first kind's wording. */
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

/** The value that all agree on, or MIXED; of arrays of one length, number by number. */
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

/** Sets a parameter of many nodes. Of an array, a MIXED number leaves each node its own. */
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
