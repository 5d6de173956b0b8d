/**
 * Queries over datasets, their images and what was rejected. Pixels are not here: they lie in the cache, in the
 * order of `idx` (studio/datasets/cache.ts). Rows hold the present version; earlier ones are in versions.ts.
 */
import type Sqlite from 'better-sqlite3';
import type {
  DatasetDetail,
  DatasetImage,
  DatasetReport,
  DatasetSummary,
  Id,
  ImageFlag,
  ImageQuery,
  Preparation,
  Split,
  SplitRule,
} from '../../bridge/contract.ts';

export interface DatasetRecord extends DatasetSummary {
  mean: number[];
  std: number[];
  /** How images were brought to one shape, in a sentence. */
  preparation: string;
  options: Preparation;
  splitRule: SplitRule;
  notes: string[];
  /** SHA-256 over images, labels and split; empty until the dataset is ready. */
  fingerprint: string;
  versionedAt: number;
  /** What differs from the version before. */
  change: string;
  /** What the cache's files were when they were last found whole. */
  cacheStamp: string;
}

/** `none`: left out by hand. `gone`: not in the source any more. `new`: of an import that is under way. */
export type Place = Split | 'none' | 'gone' | 'new';

/** What is kept of an image; what a window sees of it is a DatasetImage. */
export interface ImageRow {
  index: number;
  path: string;
  label: number;
  place: Place;
  /** Where the source puts it; null where it does not say. */
  given: Split | null;
  box: [number, number, number, number] | null;
  /** SHA-256 of the pixels, and of the mask's. */
  hash: Buffer;
  maskHash: Buffer | null;
  /** Of each channel the sum of its values, then of each the sum of their squares; null where not yet measured. */
  moments: Float64Array | null;
  /** By what near copies are known (studio/datasets/measure.ts); null where there is nothing to compare. */
  look: Buffer | null;
  /** Size and time of the file, to know it again. */
  stamp: string;
  width: number;
  height: number;
  twins: number | null;
  flags: number;
}

export interface Reject {
  path: string;
  reason: string;
}

/** What of an image a new version says. */
export type ImageChange = Pick<ImageRow, 'index' | 'label' | 'place' | 'twins' | 'flags' | 'stamp'>;

/** Bits of an image's flags; `leak` follows from its twins. */
export const FLAG_BITS: Readonly<Record<Exclude<ImageFlag, 'leak'>, number>> = {
  constant: 1,
  extreme: 2,
  duplicate: 4,
  near: 8,
};

interface Row {
  id: Id;
  name: string;
  source: string | null;
  format: DatasetSummary['format'];
  state: DatasetSummary['state'];
  created_at: number;
  channels: number;
  height: number;
  width: number;
  classes: string;
  count: number;
  reject_count: number;
  bytes: number;
  mean: string;
  std: string;
  preparation: string;
  fingerprint: string;
  boxes: number;
  mask_classes: string;
  version: number;
  versioned_at: number;
  change: string;
  renewable: number;
  options: string;
  split_rule: string;
  notes: string;
  cache_stamp: string;
}

/** Its column and how a record's field is written, for all but the id. */
const COLUMNS: Readonly<Record<string, (record: DatasetRecord) => string | number | null>> = {
  name: record => record.name,
  source: record => record.source,
  format: record => record.format,
  state: record => record.state,
  created_at: record => record.createdAt,
  channels: record => record.imageShape[0],
  height: record => record.imageShape[1],
  width: record => record.imageShape[2],
  classes: record => JSON.stringify(record.classes),
  count: record => record.count,
  reject_count: record => record.rejectCount,
  bytes: record => record.bytes,
  mean: record => JSON.stringify(record.mean),
  std: record => JSON.stringify(record.std),
  preparation: record => record.preparation,
  // Once of every split; the rule has it now.
  split_seed: () => 1,
  fingerprint: record => record.fingerprint,
  boxes: record => Number(record.boxes),
  mask_classes: record => JSON.stringify(record.maskClasses),
  version: record => record.version,
  versioned_at: record => record.versionedAt,
  change: record => record.change,
  renewable: record => Number(record.renewable),
  options: record => JSON.stringify(record.options),
  split_rule: record => JSON.stringify(record.splitRule),
  notes: record => JSON.stringify(record.notes),
  cache_stamp: record => record.cacheStamp,
};

const NAMES = Object.keys(COLUMNS);
const PUT = `INSERT INTO datasets (id, ${NAMES.join(', ')}) VALUES (:id, ${NAMES.map(name => `:${name}`).join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${NAMES.map(name => `${name} = :${name}`).join(', ')}`;

const IN_USE = `split IN ('train', 'val', 'test')`;
/** Twins of the dataset `:id` that lie in more than one split. */
const LEAKING = `SELECT twins FROM images WHERE dataset = :id AND twins IS NOT NULL AND ${IN_USE}
  GROUP BY twins HAVING count(DISTINCT split) > 1`;

const SEEN = `idx AS "index", path, label, split, box, width, height, twins, flags,
  twins IS NOT NULL AND ${IN_USE} AND twins IN (${LEAKING}) AS leaks`;

interface SeenRow {
  index: number;
  path: string;
  label: number;
  split: Place;
  box: string | null;
  width: number;
  height: number;
  twins: number | null;
  flags: number;
  leaks: number;
}

export class DatasetQueries {
  readonly #db: Sqlite.Database;

  constructor(db: Sqlite.Database) {
    this.#db = db;
  }

  /** The newest first. */
  list(): DatasetRecord[] {
    return this.#db
      .prepare<[], Row>('SELECT * FROM datasets ORDER BY created_at DESC, id')
      .all()
      .map(recordOf);
  }

  get(id: Id): DatasetRecord | undefined {
    const row = this.#db.prepare<[Id], Row>('SELECT * FROM datasets WHERE id = ?').get(id);
    return row && recordOf(row);
  }

  byName(name: string): DatasetRecord | undefined {
    const row = this.#db.prepare<[string], Row>('SELECT * FROM datasets WHERE name = ?').get(name);
    return row && recordOf(row);
  }

  /** Writes the whole record, new or known. */
  put(record: DatasetRecord): void {
    const values = Object.entries(COLUMNS).map(([name, write]) => [name, write(record)]);
    this.#db.prepare(PUT).run({ id: record.id, ...Object.fromEntries(values) });
  }

  /** Removes the dataset with its images, versions and rejects. Runs that used it keep its name. */
  delete(id: Id): boolean {
    return this.#db.prepare('DELETE FROM datasets WHERE id = ?').run(id).changes > 0;
  }

  /** Appends images in one transaction. */
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

  /** Every image that the cache has a place for, by place. */
  rows(id: Id): ImageRow[] {
    return this.#db
      .prepare<[Id], StoredImage>('SELECT * FROM images WHERE dataset = ? ORDER BY idx')
      .all(id)
      .map(imageRowOf);
  }

  change(id: Id, changes: Iterable<ImageChange>): void {
    const update = this.#db.prepare(
      `UPDATE images SET label = :label, split = :place, twins = :twins, flags = :flags, stamp = :stamp
       WHERE dataset = :id AND idx = :index`,
    );
    for (const { index, label, place, twins, flags, stamp } of changes)
      update.run({ id, index, label, place, twins, flags, stamp });
  }

  /** Keeps what was measured of an image after it was imported. */
  measure(id: Id, { index, moments, look, maskHash }: ImageRow): void {
    this.#db
      .prepare('UPDATE images SET moments = ?, look = ?, mask_hash = ? WHERE dataset = ? AND idx = ?')
      .run(moments && bytesOf(moments), look, maskHash, id, index);
  }

  /** Forgets the images of an import that did not end. */
  dropNew(id: Id): void {
    this.#db.prepare(`DELETE FROM images WHERE dataset = ? AND split = 'new'`).run(id);
  }

  images(id: Id, query: ImageQuery): { total: number; images: DatasetImage[] } {
    const { split, label, flag = null, offset, limit } = query;
    const where = [
      'dataset = :id',
      split === null ? IN_USE : 'split = :split',
      ...(label === null ? [] : ['label = :label']),
      ...(flag === null ? [] : [flag === 'leak' ? `twins IN (${LEAKING})` : 'flags & :bit']),
    ].join(' AND ');
    const bit = flag === null || flag === 'leak' ? 0 : FLAG_BITS[flag];
    const bound = { id, split, label, bit, offset, limit };
    // Copies are looked at side by side.
    const order = flag === null || flag === 'constant' || flag === 'extreme' ? 'idx' : 'twins, idx';
    const total = this.#db
      .prepare<[object], number>(`SELECT count(*) FROM images WHERE ${where}`)
      .pluck()
      .get(bound);
    const images = this.#db
      .prepare<[object], SeenRow>(
        `SELECT ${SEEN} FROM images WHERE ${where} ORDER BY ${order} LIMIT :limit OFFSET :offset`,
      )
      .all(bound)
      .map(seenOf);
    return { total: total!, images };
  }

  /** One image by its place in the cache. */
  image(id: Id, index: number): DatasetImage | undefined {
    const row = this.#db
      .prepare<[object], SeenRow>(`SELECT ${SEEN} FROM images WHERE dataset = :id AND idx = :index`)
      .get({ id, index });
    return row && seenOf(row);
  }

  classCounts(id: Id, classes: number): DatasetDetail['classCounts'] {
    const empty = () => new Array<number>(classes).fill(0);
    const counts = { train: empty(), val: empty(), test: empty() };
    const rows = this.#db
      .prepare<[Id], { split: Split; label: number; count: number }>(
        `SELECT split, label, count(*) AS count FROM images WHERE dataset = ? AND ${IN_USE} GROUP BY split, label`,
      )
      .all(id);
    for (const { split, label, count } of rows) counts[split][label] = count;
    return counts;
  }

  flagCounts(id: Id): DatasetReport['flags'] {
    const count = (bit: number) => `coalesce(sum(flags & ${bit} > 0), 0)`;
    const { constant, extreme, duplicate, near } = FLAG_BITS;
    return this.#db
      .prepare<[object], DatasetReport['flags']>(
        `SELECT ${count(constant)} AS constant, ${count(extreme)} AS extreme, ${count(duplicate)} AS duplicate,
           ${count(near)} AS near, coalesce(sum(twins IN (${LEAKING})), 0) AS leak
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

  /** Of every place in the cache: left, top, right, bottom, as shares of the image's width and height. */
  boxes({ id, imageShape: [, height, width] }: DatasetRecord): Float32Array {
    const rows = this.#db
      .prepare<[Id], { idx: number; box: string }>(
        'SELECT idx, box FROM images WHERE dataset = ? AND box IS NOT NULL ORDER BY idx',
      )
      .all(id);
    const boxes = new Float32Array(4 * ((rows.at(-1)?.idx ?? -1) + 1));
    for (const { idx, box } of rows) {
      const [left, top, across, down] = JSON.parse(box) as [number, number, number, number];
      boxes.set([left / width, top / height, (left + across) / width, (top + down) / height], 4 * idx);
    }
    return boxes;
  }

  /** The class of each image by its place in the cache, and the places that belong to each split. */
  labelsAndSplits(id: Id): { labels: Int32Array; splits: Record<Split, Int32Array> } {
    const labels: number[] = [];
    const splits: Record<Split, number[]> = { train: [], val: [], test: [] };
    const rows = this.#db
      .prepare<[Id], [number, number, Place]>(
        'SELECT idx, label, split FROM images WHERE dataset = ? ORDER BY idx',
      )
      .raw()
      .iterate(id);
    for (const [index, label, place] of rows) {
      labels[index] = label;
      if (isInUse(place)) splits[place].push(index);
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
}

export function isInUse(place: Place): place is Split {
  return place === 'train' || place === 'val' || place === 'test';
}

interface StoredImage {
  idx: number;
  path: string;
  label: number;
  split: Place;
  hash: Buffer;
  box: string | null;
  given_split: Split | null;
  stamp: string;
  width: number;
  height: number;
  mask_hash: Buffer | null;
  moments: Buffer | null;
  look: Buffer | null;
  twins: number | null;
  flags: number;
}

function imageRowOf(stored: StoredImage): ImageRow {
  const { idx, split, given_split, box, mask_hash, moments, ...same } = stored;
  const { path, label, hash, stamp, width, height, look, twins, flags } = same;
  return {
    ...{ index: idx, path, label, place: split, given: given_split, hash, stamp, width, height },
    ...{ look, twins, flags, maskHash: mask_hash },
    box: box === null ? null : JSON.parse(box),
    // A copy: a blob's bytes need not lie where numbers may.
    moments: moments && new Float64Array(Uint8Array.from(moments).buffer),
  };
}

function bytesOf(numbers: Float64Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function seenOf({ split, box, flags, leaks, ...rest }: SeenRow): DatasetImage {
  const names = Object.entries(FLAG_BITS).flatMap(([name, bit]) => (flags & bit ? [name as ImageFlag] : []));
  return {
    ...rest,
    split: isInUse(split) ? split : null,
    box: box === null ? null : JSON.parse(box),
    flags: leaks ? [...names, 'leak'] : names,
  };
}

function recordOf(row: Row): DatasetRecord {
  return {
    id: row.id,
    name: row.name,
    source: row.source,
    format: row.format,
    state: row.state,
    createdAt: row.created_at,
    imageShape: [row.channels, row.height, row.width],
    classes: JSON.parse(row.classes),
    count: row.count,
    rejectCount: row.reject_count,
    bytes: row.bytes,
    mean: JSON.parse(row.mean),
    std: JSON.parse(row.std),
    preparation: row.preparation,
    fingerprint: row.fingerprint,
    boxes: row.boxes === 1,
    maskClasses: JSON.parse(row.mask_classes),
    version: row.version,
    versionedAt: row.versioned_at,
    change: row.change,
    renewable: row.renewable === 1,
    options: JSON.parse(row.options),
    splitRule: JSON.parse(row.split_rule),
    notes: JSON.parse(row.notes),
    cacheStamp: row.cache_stamp,
  };
}
