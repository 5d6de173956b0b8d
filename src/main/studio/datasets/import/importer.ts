/**
 * Imports a source: pixels into the cache, rows into the database. New imports, continued ones and renewals are the
 * same process: files whose path and stamp are known are not decoded again. Until the last transaction the dataset, or
 * its current version, is unchanged.
 *
 * Rows are written after their pixels are on the disk, so that they are valid after any interruption.
 */
import type { DatasetRecord, ImageRow } from '../../../database/datasetRows.ts';
import { explained } from '../../../errorSentences.ts';
import { DiskTrouble, UserError } from '../../../userError.ts';
import { type CacheFolder, pixelsOf, sizesOf } from '../cache/imageCache.ts';
import type { Source } from '../formats/datasetFormat.ts';
import { MOST_CLASSES, MOST_IMAGES, MOST_NAMES } from '../limits.ts';
import { quoted } from '../quote.ts';
import { DuplicateFinder } from '../versions/duplicateImages.ts';
import { assignSplits } from '../versions/splitImages.ts';
import { finish, requireClasses } from './finishImport.ts';
import { knownStamp, RowKeeper, rowOf } from './importedRows.ts';
import type { Gathered, Import } from './importTask.ts';

/** @throws UserError where the source cannot be trained on, or the disk is full */
export async function importSource(task: Import): Promise<void> {
  const { source, workspace, progress } = task;
  const { datasets } = workspace;
  const isRenewal = task.record.state === 'ready';
  requireCounts(source);
  requireClasses(
    source.entries.map(({ label }) => label),
    source,
  );
  progress.total(source.entries.length);
  const record: DatasetRecord = isRenewal ? task.record : initialRecord(task.record, source);
  if (!isRenewal) {
    datasets.put(record);
    task.onRecord(record);
  }
  const former = datasets.rows(record.id);
  try {
    const gathered = await fillCache(task, record, former);
    await finish(task, record, former, gathered);
  } catch (error) {
    const said = explained(error, workspace.folder);
    const isRefused = said instanceof DiskTrouble;
    const isKept = await rollBackImport(task, record, isRefused, former.length > 0);
    if (!isRefused) throw error;
    const rest = isKept
      ? 'What was imported until then is kept: let the import go on when there is room.'
      : isRenewal
        ? 'The dataset is as it was: look through its folder again when there is room.'
        : 'The import was undone: import again when there is room.';
    throw new DiskTrouble(`${said.message} ${rest}`);
  }
}

/** @throws UserError where a source exceeds the limits */
function requireCounts({ entries, classes }: Source): void {
  if (entries.length > MOST_IMAGES) {
    throw new UserError(
      `There are ${entries.length} images: a dataset has at most ${MOST_IMAGES}, so import a part of them.`,
    );
  }
  if (classes.length > MOST_CLASSES) {
    throw new UserError(
      `There are ${classes.length} classes, “${classes[0]}” the first: at most ${MOST_CLASSES} can be told apart.`,
    );
  }
  const characters = classes.reduce((sum, name) => sum + name.length, 0);
  if (characters > MOST_NAMES) {
    throw new UserError(
      `The names of the classes, “${quoted(classes[0]!)}” the first, have ${characters} characters together: at most ${MOST_NAMES} are kept.`,
    );
  }
}

/** The record of a source before its images are read. */
function initialRecord(record: DatasetRecord, source: Source): DatasetRecord {
  return {
    ...record,
    state: 'importing',
    imageShape: source.imageShape,
    classes: source.classes,
    maskClasses: source.maskClasses ?? [],
    preparation: source.preparation,
    notes: source.notes ?? [],
    rejectCount: source.rejects.length,
  };
}

/** Decodes images that are not known. */
async function fillCache(
  task: Import,
  record: DatasetRecord,
  former: readonly ImageRow[],
): Promise<Gathered> {
  const { source, cache, progress, workspace } = task;
  const { entries } = source;
  const isRenewal = record.state === 'ready';
  const byPath = new Map(former.map(row => [row.path, isRenewal ? row : { ...row, place: 'new' as const }]));
  const knownOf = (entry: number) => knownStamp(byPath.get(entries[entry]!.path));
  // The probable splits, so that few rows have to be written twice.
  const places = isRenewal ? null : assignSplits(entries, record.splitRule);
  const writer = await cache.writer(record.id, sizesOf(record));
  const keeper = new RowKeeper(workspace, record, writer, (former.at(-1)?.index ?? -1) + 1);
  const present: ImageRow[] = [];
  const rejects = [...source.rejects];
  // With known images, duplicates have to be searched in cache order, which differs from the source's.
  const finder = former.length === 0 ? new DuplicateFinder(pixelsOf(record)) : null;
  let at = 0;
  try {
    for await (const results of source.pictures(progress.signal, knownOf)) {
      for (const result of results) {
        const place = places?.[at] ?? 'new';
        const entry = entries[at++]!;
        if ('reason' in result) {
          rejects.push({ path: entry.path, reason: result.reason });
          continue;
        }
        const found = rowOf(source, entry, result, byPath.get(entry.path), keeper.next);
        present.push(found);
        if (!('pixels' in result) || found.index !== keeper.next) continue;
        await keeper.add(found, place, result);
        finder?.add(found);
      }
      if (keeper.isDue) await keeper.flush();
      if (progress.advance(results.length) && !isRenewal)
        task.onRecord({ ...record, count: present.length, rejectCount: rejects.length });
    }
    await keeper.flush();
    const bytes = await writer.cut(keeper.next);
    return { present, written: keeper.written, rejects, bytes, twins: finder?.twins() ?? null };
  } catch (error) {
    // Keeps what was decoded, to continue later.
    if (progress.signal.aborted && !isRenewal) await keeper.flush();
    throw error;
  } finally {
    await writer.close();
  }
}

/**
 * After cancellation or failure: keeps what can be continued; a ready dataset stays as it was. What the disk does not
 * permit now is done at the next start.
 *
 * @returns whether the import can be continued
 */
async function rollBackImport(
  task: Import,
  record: DatasetRecord,
  isRefused: boolean,
  isResumed: boolean,
): Promise<boolean> {
  const { workspace, cache, progress } = task;
  const { datasets } = workspace;
  const isRenewal = record.state === 'ready';
  const isLasting = progress.signal.aborted || isRefused || isResumed;
  const kept = isLasting ? datasets.rowCount(record.id) : 0;
  const goesOn = !isRenewal && kept > 0 && record.renewable;
  try {
    // Truncates the cache first, so that the database finds space.
    if (isRefused && !isRenewal) await cutCache(cache, record, kept);
    if (isRenewal) datasets.dropNew(record.id);
    else if (goesOn) {
      const partial: DatasetRecord = { ...record, state: 'partial', count: kept };
      datasets.put(partial);
      task.onRecord(partial);
    } else {
      workspace.deleteDataset(record.id);
      task.onRemoved();
      await workspace.removals.sweep();
    }
  } catch (error) {
    if (!(explained(error, workspace.folder) instanceof DiskTrouble)) throw error;
  }
  return goesOn;
}

async function cutCache(cache: CacheFolder, record: DatasetRecord, count: number): Promise<void> {
  const writer = await cache.writer(record.id, sizesOf(record));
  try {
    await writer.cut(count);
  } finally {
    await writer.close();
  }
}
