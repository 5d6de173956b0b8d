/** The initial record of a dataset, and its summary for windows. */
import type { DatasetSummary, ImportOptions } from '../../../bridge/datasetCalls.ts';
import { newId } from '../../../bridge/ids.ts';
import type { DatasetRecord } from '../../database/datasetRows.ts';
import { DEFAULT_PREPARATION } from './formats/datasetFormat.ts';
import { DEFAULT_SPLIT } from './versions/splitImages.ts';

export function newRecord(
  name: string,
  source: string | null,
  format: DatasetRecord['format'],
  { preparation = DEFAULT_PREPARATION }: ImportOptions,
): DatasetRecord {
  const now = Date.now();
  return {
    ...{ id: newId(), name, source, format, state: 'importing', createdAt: now, renewable: true },
    ...{ imageShape: [1, 1, 1], classes: [], boxes: false, maskClasses: [], count: 0, rejectCount: 0 },
    ...{ bytes: 0, mean: [], std: [], preparation: '', options: preparation, splitRule: DEFAULT_SPLIT },
    ...{
      notes: [],
      fingerprint: '',
      version: 1,
      versionedAt: now,
      change: 'imported',
      cacheStamp: '',
      fault: null,
    },
  };
}

export function summaryOf(record: DatasetRecord): DatasetSummary {
  const {
    mean: _mean,
    std: _std,
    preparation: _p,
    options: _o,
    splitRule: _s,
    fingerprint: _f,
    ...rest
  } = record;
  const { notes: _n, versionedAt: _v, change: _c, cacheStamp: _stamp, fault: _fault, ...summary } = rest;
  return summary;
}
