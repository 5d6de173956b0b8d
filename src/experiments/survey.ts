/**
 * What a history of runs speaks of: the names of its settings and metrics, and which settings differ. One pass,
 * so that thousands of runs of hundreds of settings cost milliseconds; and what comes later is added to it.
 */
import type { RunSummary } from '../bridge/runCalls.ts';

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

  /** Of a run that was added before, and has more metrics now. */
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

/** Which of the settings of a whole history differ within a part of it. */
export function differingIn(runs: readonly Surveyed[], { differing }: Survey): string[] {
  const [first] = runs;
  return differing.filter(name => runs.some(({ settings }) => settings[name] !== first?.settings[name]));
}
