/** Runs as a table for export, a column for each property, setting and metric; and as CSV. Pure. */
import type { RunSummary } from '../bridge/runCalls.ts';
import { survey } from './survey.ts';

export type Cell = string | number | boolean | null;

export interface TableColumn {
  name: string;
  cells: Cell[];
}

const own: Readonly<Record<string, (run: RunSummary) => Cell>> = {
  id: run => run.id,
  name: run => run.name,
  project: run => run.projectName,
  dataset: run => run.dataset,
  state: run => run.state,
  tags: run => run.tags.join(', '),
  notes: run => run.notes,
  sweep: run => run.sweepName,
  started: run => new Date(run.startedAt).toISOString(),
  seconds: run => run.seconds,
  epoch: run => run.epoch,
  step: run => run.step,
  parameters: run => run.parameters,
  weightHash: run => run.weightHash,
};

/** Settings are named `settings.…`, metrics `metrics.…`; missing values and NaN are null. */
export function runTable(runs: readonly RunSummary[]): TableColumn[] {
  const { settings, metrics } = survey(runs);
  const column = (name: string, of: (run: RunSummary) => Cell): TableColumn => ({
    name,
    cells: runs.map(of),
  });
  const finite = (value: number | undefined) =>
    value !== undefined && Number.isFinite(value) ? value : null;
  return [
    ...Object.entries(own).map(([name, of]) => column(name, of)),
    ...settings.map(name => column(`settings.${name}`, run => run.settings[name] ?? null)),
    ...metrics.map(name => column(`metrics.${name}`, run => finite(run.metrics[name]))),
  ];
}

/** As in RFC 4180: a header, then a line per run. */
export function csvOf(columns: readonly TableColumn[]): string {
  const rows = columns[0]?.cells.map((_, i) => columns.map(({ cells }) => cells[i]!)) ?? [];
  return [columns.map(({ name }) => name), ...rows].map(row => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/**
 * Spreadsheets evaluate text that begins like a formula, also in full-width characters; an apostrophe before it
 * prevents that (OWASP, "CSV Injection"). Signed numbers are exempt.
 */
const FORMULA_PATTERN = /^[\s\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;
const NUMBER_PATTERN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function csvCell(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  const isComputed = typeof cell === 'string' && FORMULA_PATTERN.test(text) && !NUMBER_PATTERN.test(text);
  const safe = isComputed ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
