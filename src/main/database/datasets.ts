/**
 * Queries over datasets, their images and what was rejected. Pixels are not here: they lie in the cache, in the
 * order of `idx` (studio/datasets/cache.ts).
 */
import type Sqlite from 'better-sqlite3';
import type { DatasetDetail, DatasetImage, DatasetSummary, Id, Split } from '../../bridge/contract.ts';

export interface DatasetRecord extends DatasetSummary {
  mean: number[];
  std: number[];
  /** How images were brought to one shape, in a sentence. */
  preparation: string;
  splitSeed: number;
  /** SHA-256 over images, labels and split; empty until the dataset is ready. */
  fingerprint: string;
}

export interface ImageRecord extends DatasetImage {
  /** SHA-256 of the pixels. */
  hash: Uint8Array;
}

export interface Reject {
  path: string;
  reason: string;
}

export interface ImageQuery {
  split: Split | null;
  label: number | null;
  offset: number;
  limit: number;
}

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
  split_seed: number;
  fingerprint: string;
  boxes: number;
  mask_classes: string;
}

type ImageRow = Omit<DatasetImage, 'box'> & { box: string | null };

const IMAGE_COLUMNS = 'idx AS "index", path, label, split, box';

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
    this.#db
      .prepare(
        `INSERT INTO datasets VALUES (:id, :name, :source, :format, :state, :createdAt, :channels, :height, :width,
           :classes, :count, :rejectCount, :bytes, :mean, :std, :preparation, :splitSeed, :fingerprint,
           :boxes, :maskClasses)
         ON CONFLICT (id) DO UPDATE SET name = :name, state = :state, classes = :classes, count = :count,
           reject_count = :rejectCount, bytes = :bytes, mean = :mean, std = :std, fingerprint = :fingerprint,
           boxes = :boxes, mask_classes = :maskClasses`,
      )
      .run({
        ...record,
        channels: record.imageShape[0],
        height: record.imageShape[1],
        width: record.imageShape[2],
        classes: JSON.stringify(record.classes),
        mean: JSON.stringify(record.mean),
        std: JSON.stringify(record.std),
        boxes: Number(record.boxes),
        maskClasses: JSON.stringify(record.maskClasses),
      });
  }

  /** Removes the dataset with its images and rejects. Runs that used it keep its name. */
  delete(id: Id): boolean {
    return this.#db.prepare('DELETE FROM datasets WHERE id = ?').run(id).changes > 0;
  }

  /** Appends images and rejects in one transaction. */
  append(id: Id, images: readonly ImageRecord[], rejects: readonly Reject[]): void {
    const image = this.#db.prepare('INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?)');
    const reject = this.#db.prepare('INSERT INTO rejects VALUES (?, ?, ?)');
    this.#db.transaction(() => {
      for (const { index, path, label, split, hash, box } of images) {
        image.run(id, index, path, label, split, hash, box && JSON.stringify(box));
      }
      for (const { path, reason } of rejects) reject.run(id, path, reason);
    })();
  }

  images(id: Id, query: ImageQuery): { total: number; images: DatasetImage[] } {
    const { split, label, offset, limit } = query;
    const where = `dataset = :id ${split === null ? '' : 'AND split = :split'} ${label === null ? '' : 'AND label = :label'}`;
    const bound = { id, split, label, offset, limit };
    const total = this.#db
      .prepare<[object], number>(`SELECT count(*) FROM images WHERE ${where}`)
      .pluck()
      .get(bound);
    const images = this.#db
      .prepare<[object], ImageRow>(
        `SELECT ${IMAGE_COLUMNS} FROM images WHERE ${where} ORDER BY idx LIMIT :limit OFFSET :offset`,
      )
      .all(bound)
      .map(imageOf);
    return { total: total!, images };
  }

  /** One image by its place in the cache. */
  image(id: Id, index: number): DatasetImage | undefined {
    const row = this.#db
      .prepare<[Id, number], ImageRow>(`SELECT ${IMAGE_COLUMNS} FROM images WHERE dataset = ? AND idx = ?`)
      .get(id, index);
    return row && imageOf(row);
  }

  classCounts(id: Id, classes: number): DatasetDetail['classCounts'] {
    const empty = () => new Array<number>(classes).fill(0);
    const counts = { train: empty(), val: empty(), test: empty() };
    const rows = this.#db
      .prepare<[Id], { split: Split; label: number; count: number }>(
        'SELECT split, label, count(*) AS count FROM images WHERE dataset = ? GROUP BY split, label',
      )
      .all(id);
    for (const { split, label, count } of rows) counts[split][label] = count;
    return counts;
  }

  rejects(id: Id): Reject[] {
    return this.#db
      .prepare<[Id], Reject>('SELECT path, reason FROM rejects WHERE dataset = ? ORDER BY rowid')
      .all(id);
  }

  /** Of every image in the order of the cache: left, top, right, bottom, as shares of its width and height. */
  boxes({ id, imageShape: [, height, width] }: DatasetRecord): Float32Array {
    const rows = this.#db
      .prepare<[Id], string>('SELECT box FROM images WHERE dataset = ? AND box IS NOT NULL ORDER BY idx')
      .pluck()
      .all(id);
    return Float32Array.from(rows.flatMap(toShares(width, height)));
  }

  /** The class of each image in the order of the cache, and the positions that belong to each split. */
  labelsAndSplits(id: Id): { labels: Int32Array; splits: Record<Split, Int32Array> } {
    const labels: number[] = [];
    const splits: Record<Split, number[]> = { train: [], val: [], test: [] };
    const rows = this.#db
      .prepare<[Id], [number, number, Split]>(
        'SELECT idx, label, split FROM images WHERE dataset = ? ORDER BY idx',
      )
      .raw()
      .iterate(id);
    for (const [index, label, split] of rows) {
      labels.push(label);
      splits[split].push(index);
    }
    return {
      labels: Int32Array.from(labels),
      splits: {
        train: Int32Array.from(splits.train),
        val: Int32Array.from(splits.val),
        test: Int32Array.from(splits.test),
      },
    };
  }
}

const toShares = (width: number, height: number) => (box: string) => {
  const [left, top, across, down] = JSON.parse(box) as [number, number, number, number];
  return [left / width, top / height, (left + across) / width, (top + down) / height];
};

function imageOf(row: ImageRow): DatasetImage {
  return { ...row, box: row.box && JSON.parse(row.box) };
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
    splitSeed: row.split_seed,
    fingerprint: row.fingerprint,
    boxes: row.boxes === 1,
    maskClasses: JSON.parse(row.mask_classes),
  };
}
