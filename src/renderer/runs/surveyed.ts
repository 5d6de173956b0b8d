/** The survey of a history that changes: what comes is added, so that only what goes or changes costs a new one. Pure. */
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { type Survey, Surveyor } from '../../experiments/survey.ts';

export interface Surveyed {
  readonly survey: Survey;
  readonly runs: readonly RunSummary[];
  readonly known: ReadonlyMap<Id, RunSummary>;
  readonly surveyor: Surveyor;
}

/** Of these runs, from what was known before. The survey stays the same object where nothing new is spoken of. */
export function surveyed(before: Surveyed | null, runs: readonly RunSummary[]): Surveyed {
  if (before?.runs === runs) return before;
  const fresh = before ? runs.filter(({ id }) => !before.known.has(id)) : runs;
  const known = new Map(runs.map(run => [run.id, run]));
  const changed = before ? runs.filter(run => before.known.get(run.id)?.settings !== run.settings) : [];
  const goesOn =
    before && before.known.size + fresh.length === runs.length && changed.length === fresh.length;
  if (!goesOn) return begun(runs, known);
  // A run that trains tells of itself ten times a second, and hardly ever has a metric more.
  const more = runs.filter(run => {
    const former = before.known.get(run.id);
    return former && former.metrics !== run.metrics && countOf(former) !== countOf(run);
  });
  for (const run of fresh) before.surveyor.add(run);
  for (const run of more) before.surveyor.addMetrics(run);
  const isSame = fresh.length + more.length === 0;
  return { ...before, runs, known, survey: isSame ? before.survey : before.surveyor.survey() };
}

function begun(runs: readonly RunSummary[], known: ReadonlyMap<Id, RunSummary>): Surveyed {
  const surveyor = new Surveyor();
  for (const run of runs) surveyor.add(run);
  return { runs, known, surveyor, survey: surveyor.survey() };
}

const countOf = ({ metrics }: RunSummary) => Object.keys(metrics).length;
