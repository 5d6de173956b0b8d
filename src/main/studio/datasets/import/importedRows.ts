/** The rows of an import, as its pictures arrive: pixels into the cache, then the rows that count them. */
import { setImmediate } from 'node:timers/promises';
import type { DatasetRecord, ImageRow, StoredSplit } from '../../../database/datasetRows.ts';
import type { Workspace } from '../../../database/workspace.ts';
import type { CacheWriter } from '../cache/imageCache.ts';
import { measure } from '../decode/measureImage.ts';
import type { EntryPicture, Source } from '../formats/datasetFormat.ts';

/** Rows in one transaction: some twenty milliseconds, so that nothing else waits. */
const ROWS_PER_TRANSACTION = 4000;
/** Milliseconds of work that a kill may cost. */
const LOSS = 2000;

/** Divides a file's stamp from the class that it had. */
const STAMP_SEPARATOR = '|';

/** The stamp that a file had when its row was written. */
export function knownStamp(row: ImageRow | undefined): string | undefined {
  return row?.stamp.split(STAMP_SEPARATOR)[0];
}

/**
 * The row of an entry, its class as the source counts it, negative: as it was where nothing changed, else one for
 * the place `next`.
 */
export function rowOf(
  { classes, imageShape }: Source,
  { path, label, split }: Source['entries'][number],
  result: EntryPicture | { unchanged: true },
  old: ImageRow | undefined,
  next: number,
): ImageRow {
  const salt = STAMP_SEPARATOR + classes[label];
  // A class that was given by hand stays as long as the source says of the file what it said then.
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

/** Writes pictures and then their rows, some at a time. */
export class RowKeeper {
  readonly #workspace: Workspace;
  readonly #record: DatasetRecord;
  readonly #writer: CacheWriter;
  readonly written: ImageRow[] = [];
  /** How many of those that were added have their rows. */
  #kept = 0;
  #keptAt = performance.now();
  /** The place of the next image. */
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
      this.written.length - this.#kept >= ROWS_PER_TRANSACTION || performance.now() - this.#keptAt > LOSS
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
