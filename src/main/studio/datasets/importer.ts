/**
 * Turns a source into a dataset: pixels into the cache, rows into the database. The same work imports anew, goes on
 * with an import that was interrupted, and takes in what changed in a folder since: what is known by its path and
 * stamp is not decoded again. Until the last transaction the dataset, or its present version, is as it was.
 *
 * Rows are written after their pixels are on the disk. So, whatever interrupts, a row never lies.
 */
import { setImmediate } from 'node:timers/promises';
import {
  type DatasetRecord,
  FLAG_BITS,
  type ImageRow,
  isInUse,
  type Reject,
} from '../../database/datasetRows.ts';
import type { Workspace } from '../../database/workspace.ts';
import { UserError } from '../../userError.ts';
import type { CacheFolder, CacheWriter, Sizes } from './cache.ts';
import type { Picture, Source } from './formats/format.ts';
import type { Progress } from './jobs.ts';
import { measure, varianceOf } from './measure.ts';
import { assignSplits } from './split.ts';
import { findTwins } from './twins.ts';
import { labellingOf, nextVersion, summarise } from './versioning.ts';

/** Rows in one transaction: some milliseconds, so that nothing else waits. */
const BATCH = 2000;
/** Milliseconds of work that a kill may cost. */
const LOSS = 2000;
/** Longer than this against its width, or wider, an image is suspicious. */
const EXTREME_ASPECT = 4;

export interface Import {
  /** Of a new dataset, a partial one, or one that is ready and is looked through again. */
  record: DatasetRecord;
  source: Source;
  workspace: Workspace;
  cache: CacheFolder;
  progress: Progress;
  /** Hears of the dataset when it appears, as it grows, and when it stays unfinished. */
  onRecord: (record: DatasetRecord) => void;
  /** Hears that nothing is left of it. */
  onRemoved: () => void;
  /** Part of the transaction that makes the dataset ready. */
  onReady?: () => void;
}

/** @throws UserError where the source cannot be trained on, or the disk is full */
export async function importSource(task: Import): Promise<void> {
  const { source, workspace, progress } = task;
  const { datasets } = workspace;
  const isRenewal = task.record.state === 'ready';
  requireClasses(
    source.entries.map(({ label }) => label),
    source,
  );
  progress.total(source.entries.length);
  const record: DatasetRecord = isRenewal ? task.record : begun(task.record, source);
  if (!isRenewal) {
    datasets.put(record);
    task.onRecord(record);
  }
  const known = isRenewal ? [] : datasets.rows(record.id);
  try {
    const former = isRenewal ? datasets.rows(record.id) : known;
    const gathered = await fillCache(task, record, former);
    await finish(task, record, former, gathered);
  } catch (error) {
    await giveUp(task, record, isRenewal, known.length > 0);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'SQLITE_FULL') {
      throw new UserError('The disk is full: the import was undone. Free some space and import again.');
    }
    throw error;
  }
}

/** A record for what the source holds, before any of it is read. */
function begun(record: DatasetRecord, source: Source): DatasetRecord {
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

export function sizesOf({ imageShape: [channels, height, width], maskClasses }: DatasetRecord): Sizes {
  return { image: channels * height * width, mask: maskClasses.length > 0 ? height * width : 0 };
}

interface Gathered {
  /** Every image that the source has now, known or new, with the class and stamp that it has there. */
  present: ImageRow[];
  rejects: Reject[];
  bytes: number;
}

/** Decodes what is not known yet. */
async function fillCache(
  task: Import,
  record: DatasetRecord,
  former: readonly ImageRow[],
): Promise<Gathered> {
  const { source, cache, progress, workspace } = task;
  const byPath = new Map(former.map(row => [row.path, row]));
  const knownOf = (entry: number) => byPath.get(source.entries[entry]!.path)?.stamp.split(SALT)[0];
  const count = (former.at(-1)?.index ?? -1) + 1;
  const writer = await cache.writer(record.id, sizesOf(record));
  const keeper = new RowKeeper(workspace, record, writer, count);
  const gathered: Gathered = { present: [], rejects: [...source.rejects], bytes: 0 };
  let at = 0;
  try {
    for await (const result of source.pictures(progress.signal, knownOf)) {
      const entry = source.entries[at++]!;
      const old = byPath.get(entry.path);
      if ('reason' in result) gathered.rejects.push({ path: entry.path, reason: result.reason });
      else {
        const found = rowOf(source, entry, result, old, keeper.next);
        gathered.present.push(found);
        if ('pixels' in result && found.index === keeper.next) await keeper.add(found, result);
      }
      if (progress.advance() && record.state !== 'ready') {
        task.onRecord({ ...record, count: gathered.present.length, rejectCount: gathered.rejects.length });
      }
    }
    await keeper.flush();
    gathered.bytes = await writer.cut(keeper.next);
    return gathered;
  } catch (error) {
    // What was decoded until now need not be decoded again.
    if (progress.signal.aborted && record.state !== 'ready') await keeper.flush();
    throw error;
  } finally {
    await writer.close();
  }
}

/** Divides a file's stamp from the class that it had. */
export const SALT = '|';

/** The row of an entry: as it was where nothing changed, else one for the place `next`. */
function rowOf(
  { classes, imageShape }: Source,
  { path, label, split }: Source['entries'][number],
  result: Picture | { unchanged: true },
  old: ImageRow | undefined,
  next: number,
): ImageRow {
  const salt = SALT + classes[label];
  // A class that was given by hand stays as long as the source says of the file what it said then.
  const relabel = (row: ImageRow, stamp: string): ImageRow => {
    const isSame = row.place !== 'new' && row.stamp.endsWith(salt);
    return { ...row, given: split, stamp: stamp + salt, label: isSame ? row.label : -1 - label };
  };
  if ('unchanged' in result) return relabel(old!, old!.stamp.split(SALT)[0]!);
  const { pixels, mask, box = null, width, height, stamp = '' } = result;
  const { hash, maskHash, moments, look } = result.measures ?? measure(pixels, imageShape, mask);
  const isOld =
    old?.hash.equals(hash) &&
    (!maskHash || old.maskHash?.equals(maskHash)) &&
    JSON.stringify(old.box) === JSON.stringify(box);
  if (old && isOld) return relabel(old, stamp);
  const [, imageHeight, imageWidth] = imageShape;
  return {
    ...{ index: next, path, label: -1 - label, place: 'new', given: split, box, stamp: stamp + salt },
    ...{ hash: Buffer.from(hash), maskHash: maskHash && Buffer.from(maskHash), moments },
    ...{ look: look && Buffer.from(look), twins: null, flags: 0 },
    ...{ width: width ?? imageWidth, height: height ?? imageHeight },
  };
}

/** Writes pictures and then their rows, some at a time. */
class RowKeeper {
  readonly #workspace: Workspace;
  readonly #record: DatasetRecord;
  readonly #writer: CacheWriter;
  #pending: ImageRow[] = [];
  #keptAt = performance.now();
  /** The place of the next image. */
  next: number;

  constructor(workspace: Workspace, record: DatasetRecord, writer: CacheWriter, next: number) {
    this.#workspace = workspace;
    this.#record = record;
    this.#writer = writer;
    this.next = next;
  }

  async add(row: ImageRow, { pixels, mask }: Picture): Promise<void> {
    await this.#writer.put(this.next++, pixels, mask);
    // Until the end, the number of its class is the source's.
    this.#pending.push({ ...row, label: -1 - row.label });
    if (this.#pending.length >= BATCH || performance.now() - this.#keptAt > LOSS) await this.flush();
  }

  async flush(): Promise<void> {
    await this.#writer.flush();
    this.#workspace.datasets.append(this.#record.id, this.#pending);
    this.#pending = [];
    this.#keptAt = performance.now();
    await setImmediate();
  }
}

/** Classes, copies, split; then all at once the dataset is what was found. */
async function finish(
  task: Import,
  record: DatasetRecord,
  former: readonly ImageRow[],
  { present, rejects, bytes }: Gathered,
): Promise<void> {
  const { workspace, progress, source } = task;
  const isRenewal = record.state === 'ready';
  const classes = isRenewal ? [...record.classes] : usedClasses(present, source);
  const found = new Map(
    present.map(row => {
      const place = row.place === 'gone' ? 'new' : row.place;
      return [row.index, { ...row, place, label: labelIn(classes, row, source) }];
    }),
  );
  const rows = [
    ...former.map(row => found.get(row.index) ?? { ...row, place: 'gone' as const }),
    ...[...found.values()].filter(({ index }) => index > (former.at(-1)?.index ?? -1)),
  ];
  const placed = await placeAll(rows, record);
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
  for (let at = 0; at < placed.length; at += BATCH) {
    progress.signal.throwIfAborted();
    workspace.transaction(() => workspace.datasets.change(record.id, placed.slice(at, at + BATCH)));
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

/** A class given by hand, or the number that the source's class has among the dataset's; a new one is added. */
function labelIn(classes: string[], { label }: ImageRow, source: Source): number {
  if (label >= 0) return label;
  const name = source.classes[-1 - label]!;
  const at = classes.indexOf(name);
  return at >= 0 ? at : classes.push(name) - 1;
}

/** A folder whose every file was rejected is no class. */
function usedClasses(present: readonly ImageRow[], source: Source): string[] {
  return requireClasses(
    present.map(({ label }) => -1 - label),
    source,
  ).map(label => source.classes[label]!);
}

/** Finds copies, marks what is suspicious, and gives each image that has none a split. */
async function placeAll(rows: readonly ImageRow[], record: DatasetRecord): Promise<ImageRow[]> {
  const [, height, width] = record.imageShape;
  const pixels = height * width;
  const used = rows.filter(({ place }) => place !== 'none' && place !== 'gone');
  const isUsed = new Set(used.map(({ index }) => index));
  // A file whose content changed stays where it was.
  const before = new Map(rows.filter(({ place }) => place !== 'new').map(({ path, place }) => [path, place]));
  const measured = used.filter(({ moments }) => moments);
  const { group, exact, near } = await findTwins(measured, pixels);
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

/** Rows of which anything is not as it was. */
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

/** After a cancel or a failure: what can go on later is kept, a dataset that was ready is as it was. */
async function giveUp(
  task: Import,
  record: DatasetRecord,
  isRenewal: boolean,
  isResumed: boolean,
): Promise<void> {
  const { workspace, cache, progress } = task;
  const { datasets } = workspace;
  if (isRenewal) {
    datasets.dropNew(record.id);
    return;
  }
  const kept = progress.signal.aborted || isResumed ? datasets.rows(record.id).length : 0;
  if (kept > 0 && record.renewable) {
    const partial: DatasetRecord = { ...record, state: 'partial', count: kept };
    datasets.put(partial);
    task.onRecord(partial);
    return;
  }
  datasets.delete(record.id);
  task.onRemoved();
  await cache.remove(record.id);
}

/** What a source must have. @throws UserError where that is not so */
function requireClasses(labels: readonly number[], { classes, maskClasses, boxed }: Source): number[] {
  const used = [...new Set(labels)].sort((a, b) => a - b);
  if (used.length > 1 || (used.length === 1 && (maskClasses || boxed))) return used;
  const found =
    used.length === 0
      ? 'None of the files is an image that can be read'
      : `All images are of one class, “${classes[used[0]!]}”`;
  throw new UserError(
    `${found}: to learn to tell classes apart, at least two are needed, each in a folder of its own.`,
  );
}
