/**
 * Verifies and repairs the cache of a dataset: checked before training, read completely if its files changed, and
 * damaged or missing entries decoded again. Never changes a dataset: if the source gives other pixels, it fails.
 */
import type { DatasetRecord, ImageRow } from '../../../database/datasetRows.ts';
import type { Workspace } from '../../../database/workspace.ts';
import { UserError } from '../../../userError.ts';
import { measure } from '../decode/measureImage.ts';
import type { Source } from '../formats/datasetFormat.ts';
import { knownStamp } from '../import/importedRows.ts';
import type { JobProgress } from '../jobs.ts';
import { type CacheFolder, sizesOf } from './imageCache.ts';

/** Whether the files are unchanged since they were last verified. */
export async function isUntouched(cache: CacheFolder, record: DatasetRecord): Promise<boolean> {
  const stamp = await cache.stamp(record.id, sizesOf(record));
  return stamp !== '' && stamp === record.cacheStamp;
}

export interface Rebuild {
  record: DatasetRecord;
  workspace: Workspace;
  cache: CacheFolder;
  progress: JobProgress;
  /** Called only if something has to be decoded. */
  open: () => Promise<Source>;
}

/** @throws UserError where pixels are lost, and their files are gone or changed */
export async function makeWhole(task: Rebuild): Promise<DatasetRecord> {
  const { record, workspace, cache, progress } = task;
  const rows = workspace.datasets.rows(record.id);
  const damaged = await cache.damaged(record.id, sizesOf(record), rows, progress.signal);
  if (damaged.length > 0) await fill(task, rows, damaged);
  const sizes = sizesOf(record);
  const whole: DatasetRecord = {
    ...record,
    bytes: ((rows.at(-1)?.index ?? -1) + 1) * (sizes.image + sizes.mask),
    cacheStamp: await cache.stamp(record.id, sizes),
  };
  workspace.datasets.put(whole);
  return whole;
}

/** Decodes damaged entries again. Versions that need lost images are deleted. */
async function fill(task: Rebuild, rows: readonly ImageRow[], damaged: readonly ImageRow[]): Promise<void> {
  const { record, cache, progress, open, workspace } = task;
  if (!record.renewable) {
    throw new UserError(
      `The cache of ${record.name} is damaged, and its images were uploaded: import the folder again.`,
    );
  }
  const source = await open();
  const missing = new Map(damaged.map(row => [row.path, row]));
  const stamps = new Map(rows.map(row => [row.path, knownStamp(row)]));
  const knownOf = (entry: number) => {
    const { path } = source.entries[entry]!;
    return missing.has(path) ? undefined : stamps.get(path);
  };
  progress.total(source.entries.length);
  const writer = await cache.writer(record.id, sizesOf(record));
  const restored = new Set<ImageRow>();
  let at = 0;
  try {
    for await (const results of source.pictures(progress.signal, knownOf)) {
      for (const result of results) {
        const row = missing.get(source.entries[at++]!.path);
        if (!row || !('pixels' in result)) continue;
        const { hash } = result.measures ?? measure(result.pixels, record.imageShape, result.mask);
        if (!row.hash.equals(hash)) continue;
        await writer.put(row.index, result.pixels, result.mask);
        restored.add(row);
      }
      progress.advance(results.length);
    }
    await writer.flush();
  } finally {
    await writer.close();
  }
  const lost = damaged.filter(row => !restored.has(row));
  const [needed] = lost.filter(({ place }) => place !== 'gone');
  workspace.versions.forget(record.id, new Set(lost.map(({ index }) => index)));
  if (!needed) return;
  throw new UserError(
    `${lost.length} of the images of ${record.name} are lost: the cache is damaged, and the files are gone or not the same any more, ${needed.path} the first. Look for changes in the folder to go on with what is there.`,
  );
}
