/** The runs that the place shows, what they are about, and what its filter lets through. */
import { useMemo, useState } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { type Filter, type Predicate, parseFilter } from '../../experiments/filter.ts';
import type { Survey } from '../../experiments/survey.ts';
import { sharingWithLast } from '../store/keepingLast.ts';
import { byRecency, useStudio } from '../store/studioState.ts';
import { useComparison } from './runSelection.ts';
import { type Surveyed, surveyed } from './surveyed.ts';
import { useTableView } from './tableView.ts';

export interface History {
  /** Those that are not put away, or those that are; the newest first. */
  all: readonly RunSummary[];
  /** What the filter lets through. */
  shown: readonly RunSummary[];
  /** Of those, what a brush keeps: the rows of the table. */
  kept: readonly RunSummary[];
  survey: Survey;
  /** What is wrong with the filter; the last right one holds meanwhile. */
  fault: Extract<Filter, { ok: false }> | null;
}

const everything: Predicate = () => true;

const surveyOf = sharingWithLast(
  (runs: readonly RunSummary[], before: Surveyed) => surveyed(before, runs),
  surveyed(null, []),
);

export function useHistory(): History {
  const runs = useStudio(state => state.runs);
  const filter = useComparison(state => state.filter);
  const archived = useTableView(state => state.archived);
  const all = useMemo(() => byRecency(runs).filter(run => run.archived === archived), [runs, archived]);
  const known = useMemo(() => surveyOf(all).survey, [all]);
  const parsed = useMemo(() => parseFilter(filter, known), [filter, known]);
  const [last, setLast] = useState({ matches: everything });
  if (parsed.ok && parsed.matches !== last.matches) setLast({ matches: parsed.matches });
  const { matches } = parsed.ok ? parsed : last;
  const shown = useMemo(() => (matches === everything ? all : all.filter(matches)), [all, matches]);
  const brushed = useComparison(state => state.brushed);
  const kept = useMemo(() => (brushed ? shown.filter(({ id }) => brushed.has(id)) : shown), [shown, brushed]);
  return { all, shown, kept, survey: known, fault: parsed.ok ? null : parsed };
}
