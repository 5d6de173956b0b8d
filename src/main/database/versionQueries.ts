/**
 * Earlier versions of datasets: labels and splits of all images, by position in the cache. The current version is in
 * the rows of images (datasetQueries.ts), and is copied here when a change starts a new one.
 */
import type Sqlite from 'better-sqlite3';
import { z } from 'zod';
import type { DatasetVersion } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import { type DatasetRecord, isInUse, isOneOf, type StoredSplit } from './datasetRows.ts';
import { numbersIn, readAs, UnreadableColumn } from './storedColumns.ts';

/** The labels and splits of a version. */
export interface Labelling {
  classes: string[];
  /** By position in the cache. */
  labels: Int32Array;
  places: StoredSplit[];
}

export interface VersionRecord extends Labelling {
  version: number;
  mean: number[];
  std: number[];
  fingerprint: string;
}

const CODES: readonly StoredSplit[] = ['train', 'val', 'test', 'none', 'gone', 'new'];

interface Row {
  version: number;
  classes: string;
  mean: string;
  std: string;
  fingerprint: string;
  labels: Buffer;
  splits: Buffer;
}

export class VersionQueries {
  readonly #db: Sqlite.Database;

  constructor(db: Sqlite.Database) {
    this.#db = db;
  }

  /** All versions of a dataset, newest first, including the current one. */
  list({ id, version, versionedAt, change, count, fingerprint }: DatasetRecord): DatasetVersion[] {
    const runs = this.#db
      .prepare<[Id, string], number>(
        'SELECT count(*) FROM runs WHERE dataset_id = ? AND data_fingerprint = ?',
      )
      .pluck();
    const earlier = this.#db
      .prepare<[Id], Omit<DatasetVersion, 'runs'> & { fingerprint: string }>(
        `SELECT version, created_at AS createdAt, change, count, fingerprint FROM versions
         WHERE dataset = ? ORDER BY version DESC`,
      )
      .all(id);
    return [{ version, createdAt: versionedAt, change, count, fingerprint }, ...earlier].map(
      ({ fingerprint: print, ...rest }) => ({ ...rest, runs: runs.get(id, print)! }),
    );
  }

  /** Whether runs were trained on exactly this version. */
  isUsed(id: Id, fingerprint: string): boolean {
    const found = this.#db
      .prepare('SELECT 1 FROM runs WHERE dataset_id = ? AND data_fingerprint = ?')
      .get(id, fingerprint);
    return found !== undefined;
  }

  get(id: Id, version: number): VersionRecord | undefined {
    const row = this.#db
      .prepare<[Id, number], Row>('SELECT * FROM versions WHERE dataset = ? AND version = ?')
      .get(id, version);
    return row && versionOf(row);
  }

  byFingerprint(id: Id, fingerprint: string): VersionRecord | undefined {
    const row = this.#db
      .prepare<[Id, string], Row>('SELECT * FROM versions WHERE dataset = ? AND fingerprint = ?')
      .get(id, fingerprint);
    return row && versionOf(row);
  }

  /** Deletes the versions that use images which are lost. */
  forget(id: Id, lost: ReadonlySet<number>): void {
    const numbers = this.#db
      .prepare<[Id], number>('SELECT version FROM versions WHERE dataset = ?')
      .pluck()
      .all(id);
    for (const version of numbers) {
      const { places } = this.get(id, version)!;
      if (![...lost].some(index => isInUse(places[index] ?? 'gone'))) continue;
      this.#db.prepare('DELETE FROM versions WHERE dataset = ? AND version = ?').run(id, version);
    }
  }

  /** Stores the labels and splits of a record's version. */
  keep(record: DatasetRecord, { labels, places }: Labelling): void {
    this.#db
      .prepare('INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        ...[record.id, record.version, record.versionedAt, record.change, JSON.stringify(record.classes)],
        ...[record.count, JSON.stringify(record.mean), JSON.stringify(record.std), record.fingerprint],
        ...[Buffer.from(labels.buffer), Buffer.from(places.map(place => CODES.indexOf(place)))],
      );
  }
}

const VERSION_WORDING = 'a version of a dataset';

/** @throws Unreadable where it cannot be a version */
function versionOf({ version, fingerprint, ...row }: Row): VersionRecord {
  const classes = readAs(z.array(z.string()), row.classes, VERSION_WORDING);
  const labels = numbersIn(Int32Array, row.labels, VERSION_WORDING);
  const places = Array.from(row.splits, code => CODES[code]!);
  const isKnown = (place: StoredSplit, index: number) =>
    place !== undefined && (!isInUse(place) || isOneOf(classes, labels[index]));
  if (!places.every(isKnown)) throw new UnreadableColumn(VERSION_WORDING);
  const [mean, std] = [row.mean, row.std].map(json => readAs(z.array(z.number()), json, VERSION_WORDING)) as [
    number[],
    number[],
  ];
  return { version, classes, mean, std, fingerprint, labels, places };
}
