/**
 * The runs of a sweep: parsing values, combinations of a plan, and successive halving (Jamieson, Talwalkar:
 * "Non-stochastic best arm identification and hyperparameter optimization", 2016). Pure; random choices are seeded.
 */
import type { SweepPlan } from '../bridge/runCalls.ts';
import { parseValue } from './assignment.ts';

export type SweepValue = number | string | boolean;

/** The most runs of a sweep. */
export const MOST_RUNS = 1000;

export type SweepValues =
  | { readonly ok: true; readonly values: SweepValue[] }
  | { readonly ok: false; readonly message: string };

/**
 * Parses `0.001, 0.01`; `SGD, Adam`; `1e-4…1e-1 log 4`: four values in geometric progression; `16…64 3`: three in
 * arithmetic progression. Three dots also work.
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

/** Six significant figures. */
const rounded = (value: number) => Number(value.toPrecision(6));

/** One run's values by their paths. */
export type Combination = Readonly<Record<string, SweepValue>>;

/** The number of combinations, without repeats. */
export function combinationCount({ fields }: Pick<SweepPlan, 'fields'>): number {
  return fields.reduce((product, { values }) => product * values.length, 1);
}

/** The number of runs at the beginning. */
export function runCount(plan: SweepPlan): number {
  const all = combinationCount(plan);
  return Math.min(plan.samples ?? all, all) * plan.repeats;
}

/**
 * The combinations of a plan: the whole grid, the last field varying fastest; or a random sample without replacement,
 * in the order drawn.
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

/** Distinct numbers below `all`, in the order drawn. */
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

/** Epochs of each round of halving: `factor` times the previous ones, up to the full training. */
export function rounds({ epochs, full, factor }: NonNullable<SweepPlan['halving']>): number[] {
  const all: number[] = [];
  for (let each = Math.min(epochs, full); ; each = Math.min(each * factor, full)) {
    all.push(each);
    if (each >= full) return all;
  }
}

/**
 * The runs that continue after a round: one in `factor`, at least one, best first. Higher scores are better; NaN never
 * continues.
 */
export function survivors<T extends { readonly score: number }>(round: readonly T[], factor: number): T[] {
  const count = Math.max(1, Math.floor(round.length / factor));
  return round
    .filter(({ score }) => !Number.isNaN(score))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, count);
}
