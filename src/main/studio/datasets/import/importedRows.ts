/** Writes images to the cache and then their rows, as they arrive. */
import { setImmediate } from 'node:timers/promises';
import type { DatasetRecord, ImageRow, StoredSplit } from '../../../database/datasetRows.ts';
import type { Workspace } from '../../../database/workspace.ts';
import type { CacheWriter } from '../cache/imageCache.ts';
import { measure } from '../decode/measureImage.ts';
import type { EntryPicture, Source } from '../formats/datasetFormat.ts';

/** Rows per transaction: about twenty milliseconds, so that other work is not delayed. */
const ROWS_PER_TRANSACTION = 4000;
/** Milliseconds of work that may be lost by a crash. */
const MAX_LOST_WORK_MS = 2000;

/** Separates a file's stamp from its class. */
const STAMP_SEPARATOR = '|';

/** The stamp that a file had when its row was written. */
export function knownStamp(row: ImageRow | undefined): string | undefined {
  return row?.stamp.split(STAMP_SEPARATOR)[0];
}

/**
 * The row of an entry. Its class is the source's, stored as a negative number; an unchanged file keeps its row, else it
 * gets the position `next`.
 */
export function rowOf(
  { classes, imageShape }: Source,
  { path, label, split }: Source['entries'][number],
  result: EntryPicture | { unchanged: true },
  old: ImageRow | undefined,
  next: number,
): ImageRow {
  const salt = STAMP_SEPARATOR + classes[label];
  // A label set by hand is kept as long as the source's class is the same.
  const relabel = (row: ImageRow, stamp: string): ImageRow => {
    const isSame = row.place !== 'new' && row.stamp.endsWith(salt);
    return { ...row, given: split, stamp: stamp + salt, label: isSame ? row.label : -1 - label };
  };
  if ('unchanged' in result) return relabel(old!, knownStamp(old)!);
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
    ...{ hash: bufferOf(hash), maskHash: maskHash && bufferOf(maskHash), moments },
    ...{ look: look && bufferOf(look), twins: null, flags: 0 },
    ...{ width: width ?? imageWidth, height: height ?? imageHeight },
  };
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** Writes images, then their rows, in chunks. */
export class RowKeeper {
  readonly #workspace: Workspace;
  readonly #record: DatasetRecord;
  readonly #writer: CacheWriter;
  readonly written: ImageRow[] = [];
  /** Number of images whose rows are written. */
  #kept = 0;
  #keptAt = performance.now();
  /** The position of the next image. */
  next: number;

  constructor(workspace: Workspace, record: DatasetRecord, writer: CacheWriter, next: number) {
    this.#workspace = workspace;
    this.#record = record;
    this.#writer = writer;
    this.next = next;
  }

  add(row: ImageRow, place: StoredSplit, { pixels, mask }: EntryPicture): Promise<void> | undefined {
    this.written.push({ ...row, place, label: -1 - row.label });
    return this.#writer.put(this.next++, pixels, mask);
  }

  get isDue(): boolean {
    return (
      this.written.length - this.#kept >= ROWS_PER_TRANSACTION ||
      performance.now() - this.#keptAt > MAX_LOST_WORK_MS
    );
  }

  async flush(): Promise<void> {
    const { written } = this;
    await this.#writer.flush();
    for (; this.#kept < written.length; this.#kept += ROWS_PER_TRANSACTION) {
      this.#workspace.datasets.append(
        this.#record.id,
        written.slice(this.#kept, this.#kept + ROWS_PER_TRANSACTION),
      );
      await setImmediate();
    }
    this.#kept = written.length;
    this.#keptAt = performance.now();
  }
}
