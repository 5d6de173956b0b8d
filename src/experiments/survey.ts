/**
 * The names of settings and metrics in a history of runs, and which settings differ. Computed in one pass and updated
 * incrementally, as there may be thousands of runs with hundreds of settings.
 */
import type { RunSummary } from '../bridge/runCalls.ts';

export type SettingValue = number | string | boolean;

type Surveyed = Pick<RunSummary, 'settings' | 'metrics'>;

export interface Survey {
  /** Names of settings, in the order in which they were met. */
  readonly settings: readonly string[];
  /** Settings whose values differ between runs; a missing value counts as different. */
  readonly differing: readonly string[];
  /** Settings with text values in some run, which text search considers. */
  readonly texts: readonly string[];
  readonly metrics: readonly string[];
}

export class Surveyor {
  readonly #first = new Map<string, { value: SettingValue; times: number; differs: boolean }>();
  readonly #metrics = new Set<string>();
  readonly #texts = new Set<string>();
  #runs = 0;

  add(run: Surveyed): void {
    this.#runs++;
    for (const name in run.settings) {
      const value = run.settings[name]!;
      if (typeof value === 'string') this.#texts.add(name);
      const met = this.#first.get(name);
      if (!met) this.#first.set(name, { value, times: 1, differs: false });
      else {
        met.times++;
        if (met.value !== value) met.differs = true;
      }
    }
    this.addMetrics(run);
  }

  /** Adds new metrics of a run that was added before. */
  addMetrics({ metrics }: Pick<Surveyed, 'metrics'>): void {
    for (const name in metrics) this.#metrics.add(name);
  }

  survey(): Survey {
    const differing = [...this.#first].filter(([, { differs, times }]) => differs || times < this.#runs);
    return {
      settings: [...this.#first.keys()],
      differing: differing.map(([name]) => name),
      texts: [...this.#texts],
      metrics: [...this.#metrics],
    };
  }
}

export function survey(runs: readonly Surveyed[]): Survey {
  const surveyor = new Surveyor();
  for (const run of runs) surveyor.add(run);
  return surveyor.survey();
}

/** Which settings differ within a part of the history. */
export function differingIn(runs: readonly Surveyed[], { differing }: Survey): string[] {
  const [first] = runs;
  return differing.filter(name => runs.some(({ settings }) => settings[name] !== first?.settings[name]));
}
