/**
 * Migrates a database file to the current schema, in one transaction, after making a backup next to it. A newer or
 * foreign database is refused and not modified.
 */
import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { explained } from '../errorSentences.ts';
import { requireDatabaseFile } from '../regularFile.ts';
import { UserError } from '../userError.ts';
import { clearedPartial, syncFile } from './databaseFiles.ts';
import { MIGRATIONS } from './schema.ts';

/** "RCPT", stored as `application_id`, which identifies our databases. */
const APPLICATION_ID = 0x52435054;

/**
 * Rolls back the journal of a process that was killed before the write-ahead log existed, while creating a database.
 * Until then, read-only connections are refused.
 */
export function recoverJournal(file: string): void {
  if (!existsSync(`${file}-journal`)) return;
  requireDatabaseFile(file);
  const db = new Sqlite(file);
  try {
    db.pragma('user_version');
  } catch {
    // Errors are reported by `readSchemaVersion`.
  } finally {
    db.close();
  }
}

/**
 * The schema version of a database file; 0 for none. Opens the file read-only, so that even its write-ahead log stays
 * unchanged.
 *
 * @throws UserError where it is newer than this program, or not a workspace's database
 */
export function readSchemaVersion(file: string, newest = MIGRATIONS.length): number {
  if (!existsSync(file)) return 0;
  requireDatabaseFile(file);
  let db: Sqlite.Database | undefined;
  try {
    db = new Sqlite(file, { readonly: true });
    const version = db.pragma('user_version', { simple: true }) as number;
    const application = db.pragma('application_id', { simple: true });
    const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    if (tables === 0) return 0;
    if (application !== APPLICATION_ID)
      throw new UserError(
        `${file} is not a database of Receptive: move it away, or choose another workspace.`,
      );
    if (version > newest) {
      throw new UserError(
        `The workspace's database ${file} has version ${version}; this version of Receptive reads up to ${newest}. Update Receptive to open it.`,
      );
    }
    return version;
  } catch (error) {
    throw explained(error, dirname(file));
  } finally {
    db?.close();
  }
}

/** Runs the missing migrations. `file` is the path of `db`; the backup is `<file>.v<version>.backup`. */
export function migrate(db: Sqlite.Database, file: string, migrations = MIGRATIONS): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version === migrations.length) return;
  if (version > 0) backUp(db, `${file}.v${version}.backup`);
  db.transaction(() => {
    for (const step of migrations.slice(version)) db.exec(step);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).exclusive();
}

/** Copies the database atomically. */
function backUp(db: Sqlite.Database, path: string): void {
  const partial = clearedPartial(path);
  db.prepare('VACUUM INTO ?').run(partial);
  syncFile(partial);
  renameSync(partial, path);
}
