/**
 * Whether the database is what it was when it was closed. SQLite has no checksums of its own: a byte that the disk
 * changes within a row is no damage to it. So a clean close leaves the checksum of the whole file beside it, and
 * whoever opens it next compares; without a seal, the last session ended otherwise, and SQLite looks for what it
 * can see.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type Sqlite from 'better-sqlite3';
import { z } from 'zod';
import { removeInsideSync } from '../removal.ts';
import { writeWhole } from './databaseFiles.ts';
import { MIGRATIONS } from './schema.ts';

const sealSchema = z.strictObject({ bytes: z.int(), crc32: z.int() });

/** `none`: it was not closed cleanly, or is open elsewhere. `broken`: it was, and is not what it was then. */
export type SealState = 'whole' | 'none' | 'broken';

const READ_BYTES = 1 << 20;

const pathOf = (file: string) => `${file}.seal`;

export function readSeal(file: string): SealState {
  const path = pathOf(file);
  if (!existsSync(path) || !existsSync(file)) return 'none';
  const written = parsed(path);
  // A log that lies beside it belongs to what was written since.
  if (!written || (existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0)) return 'none';
  const { size } = statSync(file);
  return written.bytes === size && written.crc32 === checksum(file) ? 'whole' : 'broken';
}

/** From now on the file may change. */
export function breakSeal(file: string): void {
  for (const path of [pathOf(file), `${pathOf(file)}.partial`]) removeInsideSync(dirname(file), path);
}

/** Of a file that nobody has open, and beside which no log is left. @returns whether it could be sealed */
export function seal(file: string): boolean {
  if (existsSync(`${file}-wal`)) return false;
  writeWhole(pathOf(file), `${JSON.stringify({ bytes: statSync(file).size, crc32: checksum(file) })}\n`);
  return true;
}

function parsed(path: string): z.infer<typeof sealSchema> | undefined {
  try {
    return sealSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // A seal that cannot be read says nothing.
    return undefined;
  }
}

function checksum(path: string): number {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const file = openSync(path, 'r');
  try {
    let sum = 0;
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer))
      sum = crc32(buffer.subarray(0, count), sum);
    return sum;
  } finally {
    closeSync(file);
  }
}

/**
 * What SQLite finds wrong with its file; undefined where it finds nothing. Indices that do not agree with their
 * tables are made anew where the database may be written.
 */
export function faultIn(db: Sqlite.Database, thorough: boolean): string | undefined {
  const look = () =>
    db.pragma(thorough ? 'integrity_check(3)' : 'quick_check(3)') as Record<string, string>[];
  const found = look().map(row => Object.values(row)[0]!);
  if (found[0] === 'ok') return undefined;
  if (db.readonly || !found.every(each => /index/i.test(each))) return found[0]!.replaceAll('\n', ' ');
  db.exec('REINDEX');
  const left = look().map(row => Object.values(row)[0]!);
  return left[0] === 'ok' ? undefined : left[0];
}

/** The first table or column that a database of this version has and this one lacks. */
export function lackIn(db: Sqlite.Database, empty: () => Sqlite.Database): string | undefined {
  const model = empty();
  try {
    for (const step of MIGRATIONS) model.exec(step);
    const there = new Set(columnsOf(db));
    return columnsOf(model).find(column => !there.has(column));
  } finally {
    model.close();
  }
}

/** Every column of every table, as `runs.name`. */
function columnsOf(db: Sqlite.Database): string[] {
  return db
    .prepare<[], string>(
      `SELECT tables.name || '.' || columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
       WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%' ORDER BY tables.rowid, columns.cid`,
    )
    .pluck()
    .all();
}
