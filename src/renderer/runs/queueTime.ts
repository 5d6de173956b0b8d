/** How long the queue will take, as far as runs of its kind have told. Pure. */
import type { RunSummary } from '../../bridge/runCalls.ts';

/** What the time of a step depends on most. */
const kindOf = ({ dataset, settings }: RunSummary) =>
  [dataset, settings.network, settings.batchSize].join('\n');

/**
 * Seconds until all of these have ended, by the pace of the latest run of the same kind.
 *
 * @param known the newest first
 * @returns null where nothing of some run's kind has trained yet
 */
export function secondsLeft(queue: readonly RunSummary[], known: readonly RunSummary[]): number | null {
  const paces = new Map<string, number>();
  for (const run of known) {
    const kind = kindOf(run);
    if (run.step > 0 && run.seconds > 0 && !paces.has(kind)) paces.set(kind, run.seconds / run.step);
  }
  const each = queue.map(run => (run.steps - run.step) * (paces.get(kindOf(run)) ?? Number.NaN));
  const all = each.reduce((sum, seconds) => sum + seconds, 0);
  return Number.isNaN(all) ? null : all;
}
