/** The rows of the table: runs in their order, and where they are grouped, a row above each group. Pure. */
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { Column, ColumnValue } from './runColumns.ts';

export interface GroupRow {
  kind: 'group';
  key: string;
  title: string;
  runs: readonly RunSummary[];
}

export type RunTableRow = GroupRow | { kind: 'run'; run: RunSummary };

const collator = new Intl.Collator(undefined, { numeric: true });

/** What is missing comes last, whichever way. */
function order(a: ColumnValue, b: ColumnValue, desc: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const up = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
  return desc ? -up : up;
}

export function sorted(runs: readonly RunSummary[], column: Column | undefined, desc: boolean): RunSummary[] {
  if (!column) return [...runs];
  return runs
    .map(run => ({ run, value: column.value(run) }))
    .sort((a, b) => order(a.value, b.value, desc))
    .map(({ run }) => run);
}

/** Groups in the order in which the sorted runs meet them. */
export function groupedRows(
  runs: readonly RunSummary[],
  column: Column | undefined,
  closed: ReadonlySet<string>,
): RunTableRow[] {
  if (!column) return runs.map(run => ({ kind: 'run', run }));
  const groups = Map.groupBy(runs, run => column.text(column.value(run), run));
  return [...groups].flatMap(([key, members]): RunTableRow[] => [
    { kind: 'group', key, title: `${column.title} ${key}`, runs: members },
    ...(closed.has(key) ? [] : members.map((run): RunTableRow => ({ kind: 'run', run }))),
  ]);
}

/** The mean of what the runs have of a column; undefined where none has a number. */
export function meanOf(runs: readonly RunSummary[], column: Column): number | undefined {
  const values = runs.map(column.value).filter(value => typeof value === 'number');
  return values.length === 0 ? undefined : values.reduce((sum, each) => sum + each, 0) / values.length;
}
