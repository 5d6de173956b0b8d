/**
 * How much a setting tells about a metric: the share of the ranks' variance that its values explain, η² of Kruskal and
 * Wallis' H, corrected for chance: (H − k + 1) / (n − k) (Tomczak, Tomczak: "The need to report effect size estimates
 * revisited", 2014). Ranks limit the influence of outliers; grouping detects a best value in the middle as well as at
 * an end. Settings are treated separately: interactions are not detected.
 */
import type { RunSummary } from '../bridge/runCalls.ts';
import type { SettingValue } from './survey.ts';

/** Numeric settings with more values are divided into this many groups of equal size. */
const VALUE_GROUPS = 4;

export interface Importance {
  setting: string;
  /** 0 to 1. */
  share: number;
  runs: number;
}

/** Most important first, without settings that have no group of at least two runs. */
export function importances(
  runs: readonly Pick<RunSummary, 'settings' | 'metrics'>[],
  settings: readonly string[],
  metric: string,
): Importance[] {
  const scored = runs.filter(run => Number.isFinite(run.metrics[metric]));
  return settings
    .flatMap(setting => {
      const having = scored.filter(run => run.settings[setting] !== undefined);
      const groups = groupsOf(having.map(run => run.settings[setting]!));
      const share = explained(
        groups,
        having.map(run => run.metrics[metric]!),
      );
      return Number.isNaN(share) ? [] : [{ setting, share, runs: having.length }];
    })
    .sort((a, b) => b.share - a.share);
}

/** The group of each value. */
function groupsOf(values: readonly SettingValue[]): number[] {
  const distinct = [...new Set(values)];
  const isMany = distinct.length > VALUE_GROUPS && distinct.every(value => typeof value === 'number');
  if (!isMany) return values.map(value => distinct.indexOf(value));
  const places = ranks(values as readonly number[]);
  return places.map(rank =>
    Math.min(VALUE_GROUPS - 1, Math.floor(((rank - 0.5) / values.length) * VALUE_GROUPS)),
  );
}

/** η² of H, at least 0; NaN where there are fewer than two groups, or as many as values, or nothing differs. */
export function explained(groups: readonly number[], values: readonly number[]): number {
  const n = values.length;
  const sums = new Map<number, { sum: number; count: number }>();
  const places = ranks(values);
  for (const [i, group] of groups.entries()) {
    const { sum, count } = sums.get(group) ?? { sum: 0, count: 0 };
    sums.set(group, { sum: sum + places[i]!, count: count + 1 });
  }
  const k = sums.size;
  if (k < 2 || k >= n) return Number.NaN;
  const mean = (n + 1) / 2;
  const between = [...sums.values()].reduce(
    (all, { sum, count }) => all + count * (sum / count - mean) ** 2,
    0,
  );
  const total = places.reduce((all, rank) => all + (rank - mean) ** 2, 0);
  if (total === 0) return Number.NaN;
  const h = ((n - 1) * between) / total;
  return Math.max(0, (h - k + 1) / (n - k));
}

/** From 1; ties get their mean rank. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const result = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && order[to]!.value === order[from]!.value) to++;
    for (let at = from; at < to; at++) result[order[at]!.i] = (from + 1 + to) / 2;
    from = to;
  }
  return result;
}
