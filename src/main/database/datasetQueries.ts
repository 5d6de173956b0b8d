/**
 * Queries of datasets, their images and rejected files. Pixels are in the cache, in the order of `idx`
 * (studio/datasets/cache/imageCache.ts). Rows have the current version; versionQueries.ts has earlier ones.
 */
import type Sqlite from 'better-sqlite3';
import type {
  DatasetDetail,
  DatasetImage,
  DatasetReport,
  ImageQuery,
  Split,
} from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import { UserError } from '../userError.ts';
import {
  bytesOf,
  COLUMNS,
  type DatasetRecord,
  type DatasetTableRow,
  datasetImageOf,
  FLAG_BITS,
  type ImageChange,
  type ImageRow,
  imageRowOf,
  isInUse,
  isOneOf,
  type Reject,
  readBox,
  recordOf,
  requirePlace,
  type SeenRow,
  type StoredImage,
  type StoredSplit,
} from './datasetRows.ts';
import { UnreadableColumn } from './storedColumns.ts';

const COLUMN_NAMES = Object.keys(COLUMNS);
const UPSERT_DATASET = `INSERT INTO datasets (id, ${COLUMN_NAMES.join(', ')}) VALUES (:id, ${COLUMN_NAMES.map(name => `:${name}`).join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${COLUMN_NAMES.map(name => `${name} = :${name}`).join(', ')}`;

const IN_USE = `split IN ('train', 'val', 'test')`;
/** Groups of duplicates of dataset `:id` that are in more than one split. */
const LEAKING_DUPLICATES = `SELECT twins FROM images WHERE dataset = :id AND twins IS NOT NULL AND ${IN_USE}
  GROUP BY twins HAVING count(DISTINCT split) > 1`;

const IMAGE_COLUMNS = `idx AS "index", path, label, split, box, width, height, twins, flags,
  twins IS NOT NULL AND ${IN_USE} AND twins IN (${LEAKING_DUPLICATES}) AS leaks`;

export class DatasetQueries {
  readonly #db: Sqlite.Database;

  constructor(db: Sqlite.Database) {
    this.#db = db;
  }

  /** The newest first. */
  list(): DatasetRecord[] {
    return this.#db
      .prepare<[], DatasetTableRow>('SELECT * FROM datasets ORDER BY created_at DESC, id')
      .all()
      .map(recordOf);
  }

  /** Of all, ready or not. */
  ids(): Id[] {
    return this.#db.prepare<[], Id>('SELECT id FROM datasets').pluck().all();
  }

  get(id: Id): DatasetRecord | undefined {
    const row = this.#db.prepare<[Id], DatasetTableRow>('SELECT * FROM datasets WHERE id = ?').get(id);
    return row && recordOf(row);
  }

  byName(name: string): DatasetRecord | undefined {
    const row = this.#db
      .prepare<[string], DatasetTableRow>('SELECT * FROM datasets WHERE name = ?')
      .get(name);
    return row && recordOf(row);
  }

  /** Inserts or replaces the whole record. @throws UserError where the stored one is damaged; it stays */
  put(record: DatasetRecord): void {
    if (record.fault !== null) throw new UserError(`${record.name}: ${record.fault}`);
    const values = Object.entries(COLUMNS).map(([name, write]) => [name, write(record)]);
    this.#db.prepare(UPSERT_DATASET).run({ id: record.id, ...Object.fromEntries(values) });
  }

  /** Removes the dataset with its images, versions and rejects. Runs that used it keep its name. */
  delete(id: Id): boolean {
    return this.#db.prepare('DELETE FROM datasets WHERE id = ?').run(id).changes > 0;
  }

  /** Inserts images in one transaction. */
  append(id: Id, images: readonly ImageRow[]): void {
    const insert = this.#db.prepare(
      `INSERT INTO images (dataset, idx, path, label, split, hash, box, given_split, stamp, width, height,
         mask_hash, moments, look, twins, flags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#db.transaction(() => {
      for (const image of images) {
        const { index, path, label, place, hash, box, given, stamp, width, height } = image;
        const { maskHash, moments, look, twins, flags } = image;
        insert.run(
          ...[id, index, path, label, place, hash, box && JSON.stringify(box), given, stamp, width, height],
          ...[maskHash, moments && bytesOf(moments), look, twins, flags],
        );
      }
    })();
  }

  /** All images with an entry in the cache, in cache order. */
  rows(id: Id): ImageRow[] {
    return this.#db
      .prepare<[Id], StoredImage>('SELECT * FROM images WHERE dataset = ? ORDER BY idx')
      .all(id)
      .map(imageRowOf);
  }

  rowCount(id: Id): number {
    return this.#db.prepare<[Id], number>('SELECT count(*) FROM images WHERE dataset = ?').pluck().get(id)!;
  }

  change(id: Id, changes: Iterable<ImageChange>): void {
    const update = this.#db.prepare(
      `UPDATE images SET label = :label, split = :place, twins = :twins, flags = :flags, stamp = :stamp
       WHERE dataset = :id AND idx = :index`,
    );
    for (const { index, label, place, twins, flags, stamp } of changes)
      update.run({ id, index, label, place, twins, flags, stamp });
  }

  /** Stores measurements that were made after the import. */
  measure(id: Id, { index, moments, look, maskHash }: ImageRow): void {
    this.#db
      .prepare('UPDATE images SET moments = ?, look = ?, mask_hash = ? WHERE dataset = ? AND idx = ?')
      .run(moments && bytesOf(moments), look, maskHash, id, index);
  }

  /** Removes the rows of an import that did not finish. */
  dropNew(id: Id): void {
    this.#db.prepare(`DELETE FROM images WHERE dataset = ? AND split = 'new'`).run(id);
  }

  images(id: Id, query: ImageQuery): { total: number; images: DatasetImage[] } {
    const { split, label, flag = null, offset, limit } = query;
    const where = [
      'dataset = :id',
      split === null ? IN_USE : 'split = :split',
      ...(label === null ? [] : ['label = :label']),
      ...(flag === null ? [] : [flag === 'leak' ? `twins IN (${LEAKING_DUPLICATES})` : 'flags & :bit']),
    ].join(' AND ');
    const bit = flag === null || flag === 'leak' ? 0 : FLAG_BITS[flag];
    const bound = { id, split, label, bit, offset, limit };
    // Duplicates are listed next to each other.
    const order = flag === null || flag === 'constant' || flag === 'extreme' ? 'idx' : 'twins, idx';
    const total = this.#db
      .prepare<[object], number>(`SELECT count(*) FROM images WHERE ${where}`)
      .pluck()
      .get(bound);
    const images = this.#db
      .prepare<[object], SeenRow>(
        `SELECT ${IMAGE_COLUMNS} FROM images WHERE ${where} ORDER BY ${order} LIMIT :limit OFFSET :offset`,
      )
      .all(bound)
      .map(datasetImageOf);
    return { total: total!, images };
  }

  /** An image by its position in the cache. */
  image(id: Id, index: number): DatasetImage | undefined {
    const row = this.#db
      .prepare<[object], SeenRow>(`SELECT ${IMAGE_COLUMNS} FROM images WHERE dataset = :id AND idx = :index`)
      .get({ id, index });
    return row && datasetImageOf(row);
  }

  classCounts(id: Id, classes: number): DatasetDetail['classCounts'] {
    const empty = () => new Array<number>(classes).fill(0);
    const counts = { train: empty(), val: empty(), test: empty() };
    const rows = this.#db
      .prepare<[Id], { split: Split; label: number; count: number }>(
        `SELECT split, label, count(*) AS count FROM images WHERE dataset = ? AND ${IN_USE} GROUP BY split, label`,
      )
      .all(id);
    for (const { split, label, count } of rows)
      if (label >= 0 && label < classes) counts[split][label] = count;
    return counts;
  }

  flagCounts(id: Id): DatasetReport['flags'] {
    const count = (bit: number) => `coalesce(sum(flags & ${bit} > 0), 0)`;
    const { constant, extreme, duplicate, near } = FLAG_BITS;
    return this.#db
      .prepare<[object], DatasetReport['flags']>(
        `SELECT ${count(constant)} AS constant, ${count(extreme)} AS extreme, ${count(duplicate)} AS duplicate,
           ${count(near)} AS near, coalesce(sum(twins IN (${LEAKING_DUPLICATES})), 0) AS leak
         FROM images WHERE dataset = :id AND ${IN_USE}`,
      )
      .get({ id })!;
  }

  sizes(id: Id): DatasetReport['sizes'] {
    return this.#db
      .prepare<[Id], DatasetReport['sizes'][number]>(
        `SELECT width, height, count(*) AS count FROM images WHERE dataset = ? AND ${IN_USE} AND width > 0
         GROUP BY width, height ORDER BY count DESC, width, height`,
      )
      .all(id);
  }

  rejects(id: Id): Reject[] {
    return this.#db
      .prepare<[Id], Reject>('SELECT path, reason FROM rejects WHERE dataset = ? ORDER BY rowid')
      .all(id);
  }

  putRejects(id: Id, rejects: readonly Reject[]): void {
    const insert = this.#db.prepare('INSERT INTO rejects VALUES (?, ?, ?)');
    this.#db.prepare('DELETE FROM rejects WHERE dataset = ?').run(id);
    for (const { path, reason } of rejects) insert.run(id, path, reason);
  }

  /** The boxes by position in the cache: left, top, right, bottom, as fractions of the image's width and height. */
  boxes({ id, imageShape: [, height, width] }: DatasetRecord): Float32Array {
    const rows = this.#db
      .prepare<[Id], { idx: number; box: string }>(
        'SELECT idx, box FROM images WHERE dataset = ? AND box IS NOT NULL ORDER BY idx',
      )
      .all(id);
    const boxes = new Float32Array(4 * placesOf(rows.map(({ idx }) => idx)));
    for (const { idx, box } of rows) {
      const [left, top, across, down] = readBox(box);
      boxes.set([left / width, top / height, (left + across) / width, (top + down) / height], 4 * idx);
    }
    return boxes;
  }

  /** The class of each image by position in the cache, and the positions of each split. */
  labelsAndSplits({ id, classes }: Pick<DatasetRecord, 'id' | 'classes'>): {
    labels: Int32Array;
    splits: Record<Split, Int32Array>;
  } {
    const labels: number[] = [];
    const splits: Record<Split, number[]> = { train: [], val: [], test: [] };
    const rows = this.#db
      .prepare<[Id], [number, number, StoredSplit]>(
        'SELECT idx, label, split FROM images WHERE dataset = ? ORDER BY idx',
      )
      .raw()
      .iterate(id);
    for (const [index, label, place] of rows) {
      requirePlace(index);
      labels[index] = label;
      if (!isInUse(place)) continue;
      if (!isOneOf(classes, label)) throw new UnreadableColumn('the class of an image');
      splits[place].push(index);
    }
    return {
      labels: Int32Array.from(labels, label => label ?? 0),
      splits: {
        train: Int32Array.from(splits.train),
        val: Int32Array.from(splits.val),
        test: Int32Array.from(splits.test),
      },
    };
  }

  /** The first `bytes` of the hash of each image and mask, by position in the cache; zeros for none. */
  digests(id: Id, bytes: number): { images: Uint8Array; masks: Uint8Array } {
    const rows = this.#db
      .prepare<[Id], [number, Buffer, Buffer | null]>(
        'SELECT idx, hash, mask_hash FROM images WHERE dataset = ? ORDER BY idx',
      )
      .raw()
      .all(id);
    const size = bytes * placesOf(rows.map(([index]) => index));
    const [images, masks] = [new Uint8Array(size), new Uint8Array(size)];
    for (const [index, hash, maskHash] of rows) {
      images.set(hash.subarray(0, bytes), index * bytes);
      if (maskHash) masks.set(maskHash.subarray(0, bytes), index * bytes);
    }
    return { images, masks };
  }

  /** The hashes of one image; null where unknown. */
  hashes(id: Id, index: number): { image: Buffer | null; mask: Buffer | null } {
    return (
      this.#db
        .prepare<[Id, number], { image: Buffer; mask: Buffer | null }>(
          'SELECT hash AS image, mask_hash AS mask FROM images WHERE dataset = ? AND idx = ?',
        )
        .get(id, index) ?? { image: null, mask: null }
    );
  }
}

/** The number of positions up to the last of these ascending ones. @throws Unreadable where one is out of range */
function placesOf(indices: readonly number[]): number {
  for (const index of [indices[0], indices.at(-1)]) if (index !== undefined) requirePlace(index);
  return (indices.at(-1) ?? -1) + 1;
}
