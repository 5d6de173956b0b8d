/**
 * Which runs a sweep is made of: values as people write them, the combinations of a plan, and who goes on in
 * successive halving (Jamieson, Talwalkar: "Non-stochastic best arm identification and hyperparameter optimization",
 * 2016). Pure; chance is seeded.
 */
import type { SweepPlan } from '../bridge/runCalls.ts';
import { parseValue } from './assignment.ts';

export type SweepValue = number | string | boolean;

/** More runs than these are a mistake. */
export const MOST_RUNS = 1000;

export type SweepValues =
  | { readonly ok: true; readonly values: SweepValue[] }
  | { readonly ok: false; readonly message: string };

/**
 * `0.001, 0.01`; `SGD, Adam`; `1e-4…1e-1 log 4`, four values from end to end whose ratio is the same; `16…64 3`,
 * three whose difference is. Three dots do as well.
 */
export function parseValues(text: string): SweepValues {
  if (text.trim() === '')
    return { ok: false, message: 'Values are missing, as 0.001, 0.01 or 1e-4…1e-1 log 4.' };
  const range = /^\s*(\S+?)\s*(?:…|\.\.\.?)\s*(\S+)(?:\s+(log))?(?:\s+(\d+))?\s*$/u.exec(text);
  if (range) return rangeOf(range);
  const items = text.split(',').map(item => item.trim());
  if (items.includes('')) return { ok: false, message: 'A value is missing between two commas.' };
  const values = items.map(item => parseValue(item));
  const odd = values.findIndex(value => !['number', 'string', 'boolean'].includes(typeof value));
  if (odd >= 0) return { ok: false, message: `${items[odd]} is no single value.` };
  if (new Set(values).size < values.length) return { ok: false, message: 'A value stands there twice.' };
  return { ok: true, values: values as SweepValue[] };
}

function rangeOf([, first, last, log, count = '']: RegExpExecArray): SweepValues {
  const [from, to, steps] = [Number(first), Number(last), count === '' ? 3 : Number(count)];
  if (!Number.isFinite(from) || !Number.isFinite(to))
    return { ok: false, message: 'A range goes from one number to another.' };
  if (from === to) return { ok: false, message: 'A range has two different ends.' };
  if (steps < 2 || steps > 100) return { ok: false, message: 'A range has 2 to 100 values.' };
  if (log && (from <= 0 || to <= 0))
    return { ok: false, message: 'A logarithmic range has both ends above 0.' };
  const values = Array.from({ length: steps }, (_, i) => {
    const share = i / (steps - 1);
    if (i === 0 || share === 1) return i === 0 ? from : to;
    return rounded(log ? from * (to / from) ** share : from + (to - from) * share);
  });
  return { ok: true, values };
}

/** Six figures: what a person could have typed. */
const rounded = (value: number) => Number(value.toPrecision(6));

/** One run's values by their paths. */
export type Combination = Readonly<Record<string, SweepValue>>;

/** How many combinations there are, repeats left out. */
export function combinationCount({ fields }: Pick<SweepPlan, 'fields'>): number {
  return fields.reduce((product, { values }) => product * values.length, 1);
}

/** How many runs a plan begins with. */
export function runCount(plan: SweepPlan): number {
  const all = combinationCount(plan);
  return Math.min(plan.samples ?? all, all) * plan.repeats;
}

/**
 * The combinations of a plan: all of a grid, the last field changing fastest; of the others as many as are wanted,
 * drawn without putting back, in the order in which they were drawn.
 */
export function combinations({ fields, samples, seed }: SweepPlan): Combination[] {
  const all = combinationCount({ fields });
  const places =
    samples === null || samples >= all ? Array.from({ length: all }, (_, i) => i) : drawn(all, samples, seed);
  return places.map(place => {
    let rest = place;
    const values = fields.toReversed().map(({ path, values }): [string, SweepValue] => {
      const value = values[rest % values.length]!;
      rest = Math.floor(rest / values.length);
      return [path, value];
    });
    return Object.fromEntries(values.toReversed());
  });
}

/** Numbers below `all`, no two the same, in the order in which they were drawn. */
function drawn(all: number, count: number, seed: number): number[] {
  const random = mulberry32(seed);
  const taken = new Set<number>();
  while (taken.size < count) taken.add(Math.floor(random() * all));
  return [...taken];
}

/** Tommy Ettinger's mulberry32: numbers from 0 to below 1. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Epochs of each round of halving: each has `factor` times those of the one before, up to the full training. */
export function rounds({ epochs, full, factor }: NonNullable<SweepPlan['halving']>): number[] {
  const all: number[] = [];
  for (let each = Math.min(epochs, full); ; each = Math.min(each * factor, full)) {
    all.push(each);
    if (each >= full) return all;
  }
}

/**
 * Who goes on from a round: one in `factor`, at least one, the best first.
 * A score that is NaN, of who has none, never goes on; the larger the better.
 */
export function survivors<T extends { readonly score: number }>(round: readonly T[], factor: number): T[] {
  const count = Math.max(1, Math.floor(round.length / factor));
  return round
    .filter(({ score }) => !Number.isNaN(score))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, count);
}
