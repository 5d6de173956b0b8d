/**
 * Brings a database file to the present schema. All steps are taken in one transaction, after a backup beside
 * the file; a database that is newer, or not ours, is refused and not touched.
 */
import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { explained } from '../errorSentences.ts';
import { requireDatabaseFile } from '../regularFile.ts';
import { UserError } from '../userError.ts';
import { clearedPartial, syncFile } from './databaseFiles.ts';
import { MIGRATIONS } from './schema.ts';

/** "RCPT", kept in the file's `application_id`: tells our databases from others. */
const APPLICATION_ID = 0x52435054;

/**
 * Puts back what a process that was killed had begun to write where there is no write-ahead log yet, as while a
 * database is made. Until that is done, whoever only reads is refused.
 */
export function putBack(file: string): void {
  if (!existsSync(`${file}-journal`)) return;
  requireDatabaseFile(file);
  const db = new Sqlite(file);
  try {
    db.pragma('user_version');
  } catch {
    // What is wrong with it is said by `inspect`.
  } finally {
    db.close();
  }
}

/**
 * The schema version of a database file; 0 where there is none yet. Opens the file for reading alone, so that
 * even its write-ahead log stays as it is.
 *
 * @throws UserError where it is newer than this program, or no workspace's database
 */
export function inspect(file: string, newest = MIGRATIONS.length): number {
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

/** Takes the steps that are missing. `file` is where `db` lies; its backup is `<file>.v<version>.backup`. */
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

/** Copies what the database holds at this moment, whole or not at all. */
function backUp(db: Sqlite.Database, path: string): void {
  const partial = clearedPartial(path);
  db.prepare('VACUUM INTO ?').run(partial);
  syncFile(partial);
  renameSync(partial, path);
}
