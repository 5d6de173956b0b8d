/**
 * A long history in pages, small on the line and quick to read: the names of settings and metrics, which are most of a
 * run's bytes, are told once for all runs of a page that have the same ones. Pure.
 */
import type { Id, Time } from './ids.ts';
import type { RunSummary } from './runs.ts';

/** Where a page begins: after this run, the newest first. */
export interface RunCursor {
  startedAt: Time;
  id: Id;
}

export interface RunPage {
  runs: Omit<RunSummary, 'settings' | 'metrics'>[];
  /** Of each run. */
  settings: Named<number | string | boolean>;
  metrics: Named<number>;
  /** Where the next page begins; null where this is the last. */
  next: RunCursor | null;
}

interface Named<T> {
  /** Every list of names that some run has. */
  lists: string[][];
  /** Of each run, which list is its own, and its values in that order. */
  rows: { list: number; values: T[] }[];
}

export function packRuns(runs: readonly RunSummary[], next: RunCursor | null): RunPage {
  return {
    runs: runs.map(({ settings: _, metrics: __, ...rest }) => rest),
    settings: packed(runs.map(({ settings }) => settings)),
    metrics: packed(runs.map(({ metrics }) => metrics)),
    next,
  };
}

export function unpackRuns({ runs, settings, metrics }: RunPage): RunSummary[] {
  return runs.map((run, i) => ({ ...run, settings: recordAt(settings, i), metrics: recordAt(metrics, i) }));
}

function packed<T>(records: readonly Readonly<Record<string, T>>[]): Named<T> {
  const places = new Map<string, number>();
  const lists: string[][] = [];
  const rows = records.map(record => {
    const names = Object.keys(record);
    // Names hold no line break.
    const key = names.join('\n');
    const list = places.get(key) ?? lists.push(names) - 1;
    places.set(key, list);
    return { list, values: Object.values(record) };
  });
  return { lists, rows };
}

function recordAt<T>({ lists, rows }: Named<T>, at: number): Record<string, T> {
  const { list, values } = rows[at]!;
  const names = lists[list]!;
  const record: Record<string, T> = {};
  for (let i = 0; i < names.length; i++) record[names[i]!] = values[i]!;
  return record;
}
