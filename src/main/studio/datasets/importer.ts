/**
 * Turns a source into a dataset: pixels into the cache, rows into the database, all or nothing. Until the last
 * transaction the dataset is `importing`; whatever interrupts the work, nothing of it stays.
 */
import { createHash, hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Split } from '../../../bridge/contract.ts';
import type { DatasetRecord, ImageRecord, Reject } from '../../database/datasets.ts';
import type { Workspace } from '../../database/workspace.ts';
import { UserError } from '../../userError.ts';
import type { CacheFolder, CacheWriter } from './cache.ts';
import type { Picture, Source } from './formats/format.ts';
import type { Progress } from './jobs.ts';
import { assignSplits } from './split.ts';
import { ChannelStatistics } from './statistics.ts';

const SPLIT_CODES: Readonly<Record<Split, number>> = { train: 0, val: 1, test: 2 };
/** Rows in one transaction: some milliseconds, so that nothing else waits. */
const BATCH = 2000;

export interface Import {
  record: Pick<DatasetRecord, 'id' | 'name' | 'source' | 'format' | 'splitSeed'>;
  source: Source;
  workspace: Workspace;
  cache: CacheFolder;
  progress: Progress;
  /** Hears of the dataset when it appears, and as it grows. */
  onRecord: (record: DatasetRecord) => void;
  /** Part of the transaction that makes the dataset ready. */
  onReady?: () => void;
}

/** @throws UserError where the source cannot be trained on, or the disk is full */
export async function importSource(task: Import): Promise<void> {
  const { source, workspace, cache, progress } = task;
  requireTwoClasses(
    source.entries.map(({ label }) => label),
    source,
  );
  progress.total(source.entries.length);
  const record: DatasetRecord = {
    ...task.record,
    state: 'importing',
    createdAt: Date.now(),
    imageShape: source.imageShape,
    classes: source.classes,
    boxes: false,
    maskClasses: [],
    count: 0,
    rejectCount: source.rejects.length,
    bytes: 0,
    mean: [],
    std: [],
    preparation: source.preparation,
    fingerprint: '',
  };
  workspace.datasets.put(record);
  task.onRecord(record);
  try {
    const content = await fillCache(task, record);
    const whole = await appendRows(task, record, content);
    await cache.keep(record.id);
    workspace.transaction(() => {
      workspace.datasets.put(whole);
      task.onReady?.();
    });
    task.onRecord(whole);
  } catch (error) {
    await cache.remove(record.id);
    workspace.datasets.delete(record.id);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'SQLITE_FULL') {
      throw new UserError('The disk is full: the import was undone. Free some space and import again.');
    }
    throw error;
  }
}

interface Content {
  images: ImageRecord[];
  rejects: Reject[];
  bytes: number;
  statistics: { mean: number[]; std: number[] };
  /** SHA-256 so far, of the pixels alone. */
  digest: ReturnType<typeof createHash>;
}

/** Decodes everything once. */
async function fillCache(task: Import, record: DatasetRecord): Promise<Content> {
  const { source, cache, progress } = task;
  const splits = assignSplits(source.entries, record.splitSeed);
  const statistics = new ChannelStatistics(source.imageShape[0]);
  const digest = createHash('sha256');
  const images: ImageRecord[] = [];
  const rejects = [...source.rejects];
  const writer = await cache.create(record.id);
  const add = async (picture: Picture, at: number) => {
    const { path, label } = source.entries[at]!;
    const split = splits[at]!;
    const { pixels, box = null } = picture;
    images.push({ index: images.length, path, label, split, box, hash: hash('sha256', pixels, 'buffer') });
    digest.update(pixels);
    if (picture.mask) digest.update(picture.mask);
    if (box) digest.update(Buffer.from(Int32Array.from(box).buffer));
    if (split === 'train') statistics.add(pixels);
    await writer.append(picture);
  };
  const bytes = await closing(writer, async () => {
    let at = 0;
    for await (const picture of source.pictures(progress.signal)) {
      if ('reason' in picture) rejects.push({ path: source.entries[at]!.path, reason: picture.reason });
      else await add(picture, at);
      at++;
      if (progress.advance()) {
        task.onRecord({ ...record, count: images.length, rejectCount: rejects.length });
      }
    }
  });
  return { images, rejects, bytes, statistics: statistics.result(), digest };
}

/** Closes the cache after the work, or abandons it with the work. Gives its bytes. */
async function closing(writer: CacheWriter, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return await writer.close();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** Writes the rows and gives the record as it will be when it is ready. */
async function appendRows(task: Import, record: DatasetRecord, content: Content): Promise<DatasetRecord> {
  const { source, workspace, progress } = task;
  const { rejects, bytes, statistics, digest } = content;
  const used = requireTwoClasses(
    content.images.map(({ label }) => label),
    source,
  );
  const labels = new Map(used.map((label, place) => [label, place]));
  // A folder whose every file was rejected is no class.
  const images = content.images.map(image => ({ ...image, label: labels.get(image.label)! }));
  for (let at = 0; at < images.length; at += BATCH) {
    progress.signal.throwIfAborted();
    workspace.datasets.append(record.id, images.slice(at, at + BATCH), []);
    await setImmediate();
  }
  for (let at = 0; at < rejects.length; at += BATCH) {
    progress.signal.throwIfAborted();
    workspace.datasets.append(record.id, [], rejects.slice(at, at + BATCH));
    await setImmediate();
  }
  digest.update(Buffer.from(Int32Array.from(images, ({ label }) => label).buffer));
  digest.update(Uint8Array.from(images, ({ split }) => SPLIT_CODES[split]));
  return {
    ...record,
    ...statistics,
    state: 'ready',
    classes: used.map(label => source.classes[label]!),
    boxes: images.every(({ box }) => box !== null),
    maskClasses: source.maskClasses ?? [],
    count: images.length,
    rejectCount: rejects.length,
    bytes,
    fingerprint: digest.digest('hex'),
  };
}

/** The classes that have images, ascending. @throws UserError where they are fewer than two */
function requireTwoClasses(labels: readonly number[], { classes }: Source): number[] {
  const used = [...new Set(labels)].sort((a, b) => a - b);
  if (used.length > 1) return used;
  const found =
    used.length === 0
      ? 'None of the files is an image that can be read'
      : `All images are of one class, “${classes[used[0]!]}”`;
  throw new UserError(
    `${found}: to learn to tell classes apart, at least two are needed, each in a folder of its own.`,
  );
}
