/** Converts runs from and to rows. A row that cannot be read affects only that run. */
import { z } from 'zod';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { parseDocument } from '../../engine/graph/document.ts';
import { UserError } from '../userError.ts';
import type { RunRecord } from './runRecords.ts';
import { readAs, recordFault } from './storedColumns.ts';

export const RUN_COLUMNS = {
  id: 'id',
  project: 'project',
  projectName: 'project_name',
  name: 'name',
  datasetId: 'dataset_id',
  dataset: 'dataset',
  state: 'state',
  error: 'error',
  document: 'document',
  settings: 'settings',
  environment: 'environment',
  dataFingerprint: 'data_fingerprint',
  seed: 'seed',
  epochs: 'epochs',
  steps: 'steps',
  epoch: 'epoch',
  step: 'step',
  parameters: 'parameters',
  seconds: 'seconds',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  weightHash: 'weight_hash',
  metrics: 'metrics',
  notes: 'notes',
  tags: 'tags',
  archived: 'archived',
  sweep: 'sweep',
  queuePlace: 'queue_place',
  origin: 'origin',
} as const satisfies Record<keyof RunRecord, string>;

type Field = keyof typeof RUN_COLUMNS;

export const fields = Object.keys(RUN_COLUMNS) as Field[];
const select = (of: readonly Field[]) => of.map(field => `${RUN_COLUMNS[field]} AS ${field}`).join(', ');

export const DETAIL_COLUMNS = select(fields);
const DETAIL_ONLY_FIELDS: readonly Field[] = [
  'document',
  'environment',
  'dataFingerprint',
  'datasetId',
  'seed',
];
export const SUMMARY_COLUMNS = `${select(fields.filter(field => !DETAIL_ONLY_FIELDS.includes(field)))},
  (SELECT sweeps.name FROM sweeps WHERE sweeps.id = runs.sweep) AS sweepName`;
type Written = 'settings' | 'metrics' | 'tags' | 'archived';
export type SummaryRow = Omit<RunSummary, 'rate' | Written> &
  Record<Exclude<Written, 'archived'>, string> & {
    archived: 0 | 1;
  };
export type DetailRow = Omit<SummaryRow, 'sweepName'> & {
  document: string;
  environment: string;
  dataFingerprint: string;
  datasetId: Id | null;
  seed: number;
};

/** Fields that hold objects become JSON. */
export function toRow(record: Partial<RunRecord>): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const field of fields) {
    const value = record[field];
    if (value === undefined) continue;
    if (typeof value === 'boolean') row[field] = Number(value);
    else row[field] = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  }
  return row;
}

/** @throws UserError where the row is damaged, naming the run */
export function recordOf(row: DetailRow): RunRecord {
  try {
    return {
      ...row,
      document: parseDocument(row.document),
      ...writtenOf(row),
      environment: readAs(z.record(z.string(), z.string()), row.environment, 'its environment'),
      archived: row.archived === 1,
    };
  } catch (error) {
    throw new UserError(`${row.name}: ${recordFault(error)}`);
  }
}

/** The summary of a run in a list. A damaged row is shown as such, so that others can be listed. */
export function summaryOf(row: SummaryRow): RunSummary {
  const whole = { ...row, rate: 0, archived: row.archived === 1 };
  try {
    return { ...whole, ...writtenOf(row) };
  } catch (error) {
    return { ...whole, state: 'failed', error: recordFault(error), settings: {}, metrics: {}, tags: [] };
  }
}

const settingsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const metricsSchema = z.record(z.string(), z.number().nullable());

/** @throws Unreadable where one of them is not what it should be */
function writtenOf(row: Record<'settings' | 'metrics' | 'tags', string>) {
  return {
    settings: readAs(settingsSchema, row.settings, 'its settings') as RunSummary['settings'],
    metrics: readMetrics(row.metrics),
    tags: readAs(z.array(z.string()), row.tags, 'its tags'),
  };
}

export function readMetrics(json: string): Record<string, number> {
  const entries = Object.entries(readAs(metricsSchema, json, 'its metrics'));
  return Object.fromEntries(entries.map(([name, value]) => [name, number(value)]));
}

/** A number that training gave: SQLite and JSON know NaN as null. */
export const number = (value: number | null | undefined): number => value ?? Number.NaN;
