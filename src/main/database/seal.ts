/**
 * Detects changes of the database file while it was closed. SQLite has no checksums, so that a changed byte in a row
 * goes unnoticed. A clean close therefore stores a checksum of the file, which the next opening compares. Without one
 * the last session ended abnormally, and SQLite's own checks are used.
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

/** `none`: not closed cleanly, or open elsewhere. `broken`: closed cleanly, and changed since. */
export type SealState = 'whole' | 'none' | 'broken';

const READ_BYTES = 1 << 20;

const pathOf = (file: string) => `${file}.seal`;

export function readSeal(file: string): SealState {
  const path = pathOf(file);
  if (!existsSync(path) || !existsSync(file)) return 'none';
  const written = parsed(path);
  // A write-ahead log means that it was written to since.
  if (!written || (existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0)) return 'none';
  const { size } = statSync(file);
  return written.bytes === size && written.crc32 === checksum(file) ? 'whole' : 'broken';
}

/** Removes the checksum before the file is changed. */
export function breakSeal(file: string): void {
  for (const path of [pathOf(file), `${pathOf(file)}.partial`]) removeInsideSync(dirname(file), path);
}

/** For a file that is not open and has no log. @returns whether the checksum could be stored */
export function seal(file: string): boolean {
  if (existsSync(`${file}-wal`)) return false;
  writeWhole(pathOf(file), `${JSON.stringify({ bytes: statSync(file).size, crc32: checksum(file) })}\n`);
  return true;
}

function parsed(path: string): z.infer<typeof sealSchema> | undefined {
  try {
    return sealSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // An unreadable seal is treated as missing.
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
 * What SQLite's integrity check reports; undefined for nothing. Inconsistent indices are rebuilt where the database is
 * writable.
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

/** The first table or column of the current schema that this database lacks. */
export function missingColumnIn(db: Sqlite.Database, empty: () => Sqlite.Database): string | undefined {
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
