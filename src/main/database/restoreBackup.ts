/** Replaces the database by a backup; the database and its logs are kept in a folder. */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { explained } from '../errorSentences.ts';
import { removeInsideSync } from '../removal.ts';
import { DiskTrouble, UserError } from '../userError.ts';
import { type Backup, backupsIn } from './backups.ts';
import { copyToPartial } from './databaseFiles.ts';
import { lockWorkspace } from './lock.ts';
import { readSchemaVersion } from './migrate.ts';
import { breakSeal, faultIn } from './seal.ts';

export interface Restored {
  /** The name of the backup. */
  backup: string;
  /** The folder with the previous database; null where there was none. */
  kept: string | null;
}

/**
 * @param wanted the name of a backup; by default the newest intact one
 * @throws UserError where there is no such backup, or the workspace is open
 */
export function restoreBackup(folder: string, wanted: string | undefined): Restored {
  try {
    const candidates = candidatesIn(folder, wanted);
    const unlock = lockWorkspace(folder, 'receptive restore');
    try {
      const file = join(folder, 'receptive.sqlite');
      for (const { name, path } of candidates) {
        // The copy is checked, because SQLite writes files next to a database that it opens.
        const partial = copyToPartial(path, file);
        if (!isSound(partial, folder)) {
          removeInsideSync(folder, partial);
          continue;
        }
        const kept = moveDatabaseAside(folder, file);
        renameSync(partial, file);
        return { backup: name, kept };
      }
    } finally {
      unlock();
    }
    throw new UserError(`The backup of ${candidates.map(({ name }) => name).join(', ')} is damaged too.`);
  } catch (error) {
    throw explained(error, folder);
  }
}

/** Newest first. @throws UserError where there are none */
function candidatesIn(folder: string, wanted: string | undefined): Backup[] {
  const backups = backupsIn(folder);
  if (backups.length === 0) throw new UserError(`There is no backup in ${join(folder, 'backups')}.`);
  if (wanted === undefined) return backups.toReversed();
  const named = backups.filter(({ name }) => name === wanted);
  if (named.length > 0) return named;
  const names = backups.map(({ name }) => name).join(', ');
  throw new UserError(`There is no backup of ${wanted.slice(0, 40)}; there are: ${names}.`);
}

/** @throws DiskTrouble where the disk prevents the check */
function isSound(path: string, folder: string): boolean {
  let db: Sqlite.Database | undefined;
  try {
    if (readSchemaVersion(path) === 0) return false;
    // Opened for writing, so that SQLite removes its additional files when closing.
    db = new Sqlite(path);
    return faultIn(db, true) === undefined;
  } catch (error) {
    // It cannot even be opened.
    if (explained(error, folder) instanceof DiskTrouble) throw error;
    return false;
  } finally {
    db?.close();
  }
}

/** Moves the database and its logs away: SQLite would apply an old log to the backup. */
function moveDatabaseAside(folder: string, file: string): string | null {
  breakSeal(file);
  const there = [file, `${file}-wal`, `${file}-shm`, `${file}-journal`].filter(path => existsSync(path));
  if (there.length === 0) return null;
  const kept = join(folder, `replaced ${new Date().toISOString().replaceAll(':', '-')}`);
  mkdirSync(kept);
  for (const path of there) renameSync(path, join(kept, basename(path)));
  return kept;
}
