/**
 * What a history of runs speaks of: the names of its settings and metrics, and which settings differ. One pass,
 * so that thousands of runs of hundreds of settings cost milliseconds.
 */
import type { RunSummary } from '../bridge/contract.ts';

export type SettingValue = number | string | boolean;

type Surveyed = Pick<RunSummary, 'settings' | 'metrics'>;

export interface Survey {
  /** Names of settings, in the order in which they were met. */
  readonly settings: readonly string[];
  /** Those whose values are not the same in all runs; a run without the setting differs too. */
  readonly differing: readonly string[];
  /** Those that hold words in some run: what is looked through where a word is sought. */
  readonly texts: readonly string[];
  readonly metrics: readonly string[];
}

export function survey(runs: readonly Surveyed[]): Survey {
  const first = new Map<string, { value: SettingValue; times: number; differs: boolean }>();
  const metrics = new Set<string>();
  const texts = new Set<string>();
  for (const run of runs) {
    for (const name in run.settings) {
      const value = run.settings[name]!;
      if (typeof value === 'string') texts.add(name);
      const met = first.get(name);
      if (!met) first.set(name, { value, times: 1, differs: false });
      else {
        met.times++;
        if (met.value !== value) met.differs = true;
      }
    }
    for (const name in run.metrics) metrics.add(name);
  }
  const differing = [...first].filter(([, { differs, times }]) => differs || times < runs.length);
  return {
    settings: [...first.keys()],
    differing: differing.map(([name]) => name),
    texts: [...texts],
    metrics: [...metrics],
  };
}
