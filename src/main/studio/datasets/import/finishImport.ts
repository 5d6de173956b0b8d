/** The end of an import: classes, duplicates and splits; then the dataset becomes ready in one transaction. */
import { setImmediate } from 'node:timers/promises';
import {
  type DatasetRecord,
  FLAG_BITS,
  type ImageRow,
  isInUse,
  type StoredSplit,
} from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import { pixelsOf, sizesOf } from '../cache/imageCache.ts';
import { varianceOf } from '../decode/measureImage.ts';
import type { Source } from '../formats/datasetFormat.ts';
import { type DuplicateGroups, findDuplicates } from '../versions/duplicateImages.ts';
import { assignSplits } from '../versions/splitImages.ts';
import { labellingOf, nextVersion, summarise } from '../versions/versioning.ts';
import type { Gathered, Import, Like } from './importTask.ts';

/** Rows in one transaction. */
const ROWS_PER_TRANSACTION = 4000;
/** Images with a larger aspect ratio are flagged. */
const EXTREME_ASPECT = 4;

export async function finish(
  task: Import,
  record: DatasetRecord,
  former: readonly ImageRow[],
  { present, written, rejects, bytes, twins }: Gathered,
): Promise<void> {
  const { workspace, progress, source } = task;
  const isRenewal = record.state === 'ready';
  const classes = isRenewal ? [...record.classes] : usedClasses(present, source);
  const numberOf = numbering(classes);
  const found = new Map(
    present.map(row => {
      const place = row.place === 'gone' || !isRenewal ? 'new' : row.place;
      // A label set by hand, or the class's index in the dataset.
      const label = row.label >= 0 ? row.label : numberOf(source.classes[-1 - row.label]!);
      return [row.index, { ...row, place, label }];
    }),
  );
  const rows = [
    ...former.map(row => found.get(row.index) ?? { ...row, place: 'gone' as const }),
    ...[...found.values()].filter(({ index }) => index > (former.at(-1)?.index ?? -1)),
  ];
  // A file whose content changed keeps its split.
  const places = new Map(isRenewal ? former.map(({ path, place }) => [path, place]) : []);
  const own = await placeAll(rows, places, record, twins, progress.signal);
  const placed = task.like && !isRenewal ? labelledLike(own, classes, task.like) : own;
  progress.signal.throwIfAborted();
  const rest = {
    rejectCount: rejects.length,
    bytes,
    notes: source.notes ?? [],
    cacheStamp: await task.cache.stamp(record.id, sizesOf(record)),
  };
  const boxes = placed.every(({ place, box }) => !isInUse(place) || box !== null);
  if (isRenewal) {
    const before = labellingOf(former, record.classes);
    const whole = workspace.transaction(() => {
      workspace.datasets.change(record.id, changed(former, placed));
      workspace.datasets.putRejects(record.id, rejects);
      const next = { ...nextVersion(workspace, record, before, placed, classes), ...rest, boxes };
      workspace.datasets.put(next);
      return next;
    });
    return task.onRecord(whole);
  }
  const corrected = changed([...former, ...written], placed);
  for (let at = 0; at < corrected.length; at += ROWS_PER_TRANSACTION) {
    progress.signal.throwIfAborted();
    workspace.transaction(() =>
      workspace.datasets.change(record.id, corrected.slice(at, at + ROWS_PER_TRANSACTION)),
    );
    await setImmediate();
  }
  const whole: DatasetRecord = {
    ...record,
    ...summarise(placed, record.imageShape),
    ...rest,
    classes,
    boxes,
    state: 'ready',
    versionedAt: Date.now(),
  };
  workspace.transaction(() => {
    workspace.datasets.putRejects(record.id, rejects);
    workspace.datasets.put(whole);
    task.onReady?.();
  });
  task.onRecord(whole);
}

/** Returns the index of a class by name, adding new ones. */
function numbering(classes: string[]): (name: string) => number {
  const numbers = new Map(classes.map((name, number) => [name, number]));
  return name => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, classes.length);
    return classes.push(name) - 1;
  };
}

/** Folders in which every file was rejected are no classes. */
function usedClasses(present: readonly ImageRow[], source: Source): string[] {
  return requireClasses(
    present.map(({ label }) => -1 - label),
    source,
  ).map(label => source.classes[label]!);
}

/** Finds duplicates, flags images, and assigns splits where there are none. */
async function placeAll(
  rows: readonly ImageRow[],
  before: ReadonlyMap<string, StoredSplit>,
  record: DatasetRecord,
  twins: DuplicateGroups | null,
  signal: AbortSignal,
): Promise<ImageRow[]> {
  const pixels = pixelsOf(record);
  const used = rows.filter(({ place }) => place !== 'none' && place !== 'gone');
  const isUsed = new Set(used.map(({ index }) => index));
  const measured = used.filter(({ moments }) => moments);
  const { group, exact, near } = twins ?? (await findDuplicates(measured, pixels, signal));
  const splits = assignSplits(
    used.map(({ index, path, label, given, place }) => {
      const was = place === 'new' ? (before.get(path) ?? place) : place;
      const twins = group.get(index) ?? null;
      return { path, label, split: given, twins, kept: isInUse(was) ? was : undefined };
    }),
    record.splitRule,
  );
  const splitOf = new Map(used.map(({ index }, at) => [index, splits[at]!]));
  return rows.map(row => {
    if (!isUsed.has(row.index)) return { ...row, twins: null };
    const isConstant = row.moments !== null && varianceOf(row.moments, pixels) === 0;
    const aspect = Math.max(row.width, row.height) / Math.max(1, Math.min(row.width, row.height));
    const flags =
      (isConstant ? FLAG_BITS.constant : 0) |
      (aspect > EXTREME_ASPECT ? FLAG_BITS.extreme : 0) |
      (exact.has(row.index) ? FLAG_BITS.duplicate : 0) |
      (near.has(row.index) ? FLAG_BITS.near : 0);
    return { ...row, place: splitOf.get(row.index)!, twins: group.get(row.index) ?? null, flags };
  });
}

/** Takes class and split of each file from another dataset. */
function labelledLike(rows: readonly ImageRow[], classes: string[], like: Like): ImageRow[] {
  const byPath = new Map(like.rows.map(row => [row.path, row]));
  const numberOf = numbering(classes);
  return rows.map(row => {
    const known = byPath.get(row.path);
    if (!known || row.place === 'gone' || known.place === 'gone' || known.place === 'new') return row;
    return { ...row, place: known.place, label: numberOf(like.classes[known.label]!) };
  });
}

/** Rows that differ from before. */
function changed(former: readonly ImageRow[], rows: readonly ImageRow[]): ImageRow[] {
  const before = new Map(former.map(row => [row.index, row]));
  return rows.filter(row => {
    const was = before.get(row.index);
    return (
      !was ||
      was.label !== row.label ||
      was.place !== row.place ||
      was.twins !== row.twins ||
      was.flags !== row.flags ||
      was.stamp !== row.stamp
    );
  });
}

/** Checks that a source can be trained on. @throws UserError where it cannot */
export function requireClasses(labels: readonly number[], { classes, maskClasses, boxed }: Source): number[] {
  const used = [...new Set(labels)].sort((a, b) => a - b);
  if (used.length > 1 || (used.length === 1 && (maskClasses || boxed))) return used;
  throw new UserError(
    used.length === 0
      ? 'None of the files is an image that can be used.'
      : `All images are of one class, “${classes[used[0]!]}”: to learn to tell classes apart, at least two are needed, each in a folder of its own.`,
  );
}
