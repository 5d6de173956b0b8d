/**
 * Which runs are compared, each with a hue that it keeps for as long as it is: taking one out changes nothing
 * of the others.
 */
import { create } from 'zustand';
import { entriesById, type Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { RUN_HUES } from '../ui/families.ts';

interface Comparison {
  /** The place of each compared run's hue among RUN_HUES; null until a person or the place has chosen. */
  hues: Readonly<Record<Id, number>> | null;
  /** The run whose name is being written. */
  renaming: Id | null;
  /** What the table's filter says; kept while other places are visited. */
  filter: string;
  /** Those that a stretch drawn on an axis of the coordinates keeps; null where none is drawn. */
  brushed: ReadonlySet<Id> | null;
}

export const useComparison = create<Comparison>(() => ({
  hues: null,
  renaming: null,
  filter: '',
  brushed: null,
}));

/** Puts a run among the compared, or takes it out. */
export function toggleRun(id: Id): void {
  useComparison.setState(({ hues }) => {
    if (hues && id in hues) return { hues: without(hues, id) };
    return { hues: { ...hues, [id]: freeHue(hues ?? {}) } };
  });
}

/** Puts all of these among the compared, or takes them out. */
export function setCompared(ids: readonly Id[], compared: boolean): void {
  useComparison.setState(({ hues }) => {
    if (!compared) {
      const out = new Set(ids);
      return { hues: Object.fromEntries(entriesById(hues ?? {}).filter(([id]) => !out.has(id))) };
    }
    const next = { ...hues };
    const taken = new Set(Object.values(next));
    let place = 0;
    for (const id of ids) {
      if (id in next) continue;
      while (taken.has(place)) place++;
      taken.add(place);
      next[id] = place;
    }
    return { hues: next };
  });
}

export function compareOnly(ids: readonly Id[]): void {
  useComparison.setState({ hues: Object.fromEntries(ids.map((id, place) => [id, place])) });
}

export function hueOfRun(hues: Comparison['hues'], id: Id): string | undefined {
  const place = hues?.[id];
  return place === undefined ? undefined : RUN_HUES[place % RUN_HUES.length];
}

/** The compared runs that are still there, in the order of their hues. */
export function comparedRuns(hues: Comparison['hues'], runs: Readonly<Record<Id, RunSummary>>): RunSummary[] {
  return entriesById(hues ?? {})
    .sort(([, a], [, b]) => a - b)
    .flatMap(([id]) => runs[id] ?? []);
}

function freeHue(hues: Readonly<Record<Id, number>>): number {
  const taken = new Set(Object.values(hues));
  let place = 0;
  while (taken.has(place)) place++;
  return place;
}

function without(hues: Readonly<Record<Id, number>>, id: Id): Record<Id, number> {
  const { [id]: _out, ...rest } = hues;
  return rest;
}
