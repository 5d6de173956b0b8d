/**
 * Holds what a workspace has on the disk against what was acknowledged. It changes nothing, and works beside a
 * studio that has the workspace open as well as after everything was killed.
 */

import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { checkpointFault } from '../../src/engine/runtime/checkpoint.ts';
import { DatasetQueries } from '../../src/main/database/datasetQueries.ts';
import { sizesOf } from '../../src/main/studio/datasets/cache/imageCache.ts';
import { summarise } from '../../src/main/studio/datasets/versions/versioning.ts';
import { ANYTHING, type Ledger, type Standing } from './ledger.ts';

export interface Verified {
  /** How many things were looked at. */
  checked: number;
  /** What is not as it was acknowledged, a sentence each. */
  lost: string[];
}

interface CheckpointRow {
  run: string;
  path: string;
  step: number;
  kind: string;
}

/** Every workspace begins with its database; before that nothing was acknowledged. */
export function verify(folder: string, ledger: Ledger): Verified {
  const file = join(folder, 'receptive.sqlite');
  const looked: Verified = { checked: 0, lost: [] };
  if (!existsSync(file)) {
    for (const { key, acknowledged } of ledger.expected())
      if (acknowledged !== null) looked.lost.push(`${key} is lost with the whole database`);
    return looked;
  }
  const db = new Sqlite(file, { readonly: true, timeout: 30_000 });
  try {
    // One moment of a database that others may write to.
    db.transaction(() => {
      // Cut off before its tables were there.
      if (isUnmade(db)) return;
      verifyDatabase(db, looked);
      verifyStandings(db, ledger, looked);
      verifyPoints(db, ledger, looked);
      verifyCheckpoints(db, folder, ledger, looked);
      verifyDatasets(db, folder, looked);
    })();
  } finally {
    db.close();
  }
  return looked;
}

/** Whether a database has no tables yet, or was cut off while it got its first page: then who only reads is refused. */
function isUnmade(db: Sqlite.Database): boolean {
  try {
    return db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  } catch (error) {
    if ((error as { code?: string }).code === 'SQLITE_READONLY_ROLLBACK') return true;
    throw error;
  }
}

function verifyDatabase(db: Sqlite.Database, looked: Verified): void {
  looked.checked += 2;
  const integrity = db.pragma('integrity_check', { simple: true });
  if (integrity !== 'ok') looked.lost.push(`integrity_check: ${integrity}`);
  const orphans = db.pragma('foreign_key_check') as unknown[];
  if (orphans.length > 0) looked.lost.push(`${orphans.length} rows belong to nothing`);
}

function verifyStandings(db: Sqlite.Database, ledger: Ledger, looked: Verified): void {
  for (const { key, acknowledged, asked } of [...ledger.expected()]) {
    looked.checked++;
    const found = standingOf(db, key);
    if (![acknowledged, ...asked].some(each => each === found || each === ANYTHING))
      looked.lost.push(`${key} is ${shortened(found)}, it was acknowledged as ${shortened(acknowledged)}`);
    ledger.settle(key, found);
  }
}

/** How a thing stands in the database. Keys are `project/ID`, `run/ID`, `dataset/ID`, `images/ID`. */
export function standingOf(db: Sqlite.Database, key: string): Standing {
  const [kind, id] = key.split('/') as [string, string];
  switch (kind) {
    case 'project':
      return one(db, 'SELECT document FROM projects WHERE id = ?', id);
    case 'run':
      return one(
        db,
        `SELECT json_array(name, notes, json(tags)) FROM runs WHERE id = ? AND deleted_at IS NULL`,
        id,
      );
    case 'dataset':
      return one(db, 'SELECT name FROM datasets WHERE id = ?', id);
    default:
      return one(
        db,
        `SELECT group_concat(idx || ':' || label || ':' || split ORDER BY idx) FROM images WHERE dataset = ?`,
        id,
      );
  }
}

function one(db: Sqlite.Database, sql: string, id: string): Standing {
  return db.prepare<[string], Standing>(sql).pluck().get(id) ?? null;
}

/** Steps that were told are there; what a run computed twice has the same loss. */
function verifyPoints(db: Sqlite.Database, ledger: Ledger, looked: Verified): void {
  for (const [run, told] of ledger.points) {
    const state = db.prepare<[string], string>('SELECT state FROM runs WHERE id = ?').pluck().get(run);
    // A run that was deleted, as its standing says, takes its steps along.
    if (state === undefined) continue;
    const rows = db
      .prepare<[string], { step: number; loss: number | null }>('SELECT step, loss FROM steps WHERE run = ?')
      .all(run);
    const there = new Map(rows.map(({ step, loss }) => [step, loss ?? Number.NaN]));
    for (const [step, { loss, firm }] of told) {
      looked.checked++;
      const found = there.get(step);
      if (found === undefined && (firm || state === 'finished'))
        looked.lost.push(`step ${step} of the run ${run} is not there`);
      if (found !== undefined && !Object.is(found, loss))
        looked.lost.push(`step ${step} of the run ${run} has the loss ${found}, it was told as ${loss}`);
    }
  }
}

function verifyCheckpoints(db: Sqlite.Database, folder: string, ledger: Ledger, looked: Verified): void {
  const rows = db.prepare<[], CheckpointRow>('SELECT run, path, step, kind FROM checkpoints').all();
  const latest = new Map<string, number>();
  for (const { run, path, step, kind } of rows) {
    looked.checked++;
    const fault = checkpointFault(join(folder, path));
    if (fault) looked.lost.push(`the checkpoint ${path} of run ${run}: ${fault}`);
    else if (kind === 'last') latest.set(run, Math.max(step, latest.get(run) ?? 0));
  }
  for (const [run, step] of ledger.checkpoints) {
    const isThere = db.prepare('SELECT 1 FROM runs WHERE id = ? AND deleted_at IS NULL').get(run);
    if (isThere && (latest.get(run) ?? -1) < step)
      looked.lost.push(
        `run ${run} had a checkpoint at step ${step}, now it has ${latest.get(run) ?? 'none'}`,
      );
  }
  for (const [run, step] of latest) ledger.checkpoints.set(run, step);
}

/** A dataset that is ready says of its images what the rows say, and has the pixels that they stand for. */
function verifyDatasets(db: Sqlite.Database, folder: string, looked: Verified): void {
  const datasets = new DatasetQueries(db);
  for (const record of datasets.list()) {
    if (record.state !== 'ready') continue;
    const rows = datasets.rows(record.id).filter(({ place }) => place !== 'new');
    looked.checked += 1 + rows.length;
    if (summarise(rows, record.imageShape).fingerprint !== record.fingerprint)
      looked.lost.push(`the dataset ${record.name} has another fingerprint than its rows`);
    const path = join(folder, 'datasets', record.id, 'images.bin');
    // A cache that was cleared, or is being cleared, is filled again from the folder; the only one there is, is not.
    if (!existsSync(path)) {
      if (!record.renewable)
        looked.lost.push(`the pixels of ${record.name} are gone, and they were uploaded`);
      continue;
    }
    const pixels = readFileSync(path);
    const { image } = sizesOf(record);
    const wrong = rows.filter(row => {
      const own = pixels.subarray(row.index * image, (row.index + 1) * image);
      return own.length < image || !row.hash.equals(hash('sha256', own, 'buffer'));
    });
    if (wrong.length > 0 && !record.renewable)
      looked.lost.push(`${wrong.length} images of ${record.name} do not have their pixels`);
  }
}

/**
 * Halves of files that a start should have swept. A whole checkpoint that no row names is not one of them: an older
 * database that was put back does not know the newest either.
 */
export function leftovers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter(file => /^([^/]*|(runs|datasets|uploads)\/.*)\.(tmp|partial)$/.test(file));
}

function shortened(standing: Standing): string {
  if (standing === null) return 'not there';
  return standing.length > 60
    ? `${standing.slice(0, 60)}… (${hash('sha1', standing).slice(0, 8)})`
    : standing;
}
