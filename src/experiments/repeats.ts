/** Which runs are repeats of each other: alike in everything but their seed. */
import type { RunSummary } from '../bridge/runCalls.ts';

/** Equal for runs that differ only in seed, name and progress. */
function recipeOf({ settings, dataset, parameters }: RunSummary): string {
  const { seed: _, ...rest } = settings;
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([dataset, parameters, sorted]);
}

export interface Repeats {
  recipe: string;
  runs: RunSummary[];
}

/** In the order in which they are met. */
export function repeatsOf(runs: readonly RunSummary[]): Repeats[] {
  return [...Map.groupBy(runs, recipeOf)].map(([recipe, members]) => ({ recipe, runs: members }));
}
