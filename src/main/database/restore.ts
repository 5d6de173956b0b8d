/** Puts a backup in the place of the database, which is kept beside it with all that belongs to it. */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { explained } from '../explained.ts';
import { UserError } from '../userError.ts';
import { type Backup, backupsIn } from './backups.ts';
import { copyToPartial } from './files.ts';
import { lockWorkspace } from './lock.ts';
import { inspect } from './migrate.ts';
import { breakSeal, faultIn } from './seal.ts';

export interface Restored {
  /** Which backup. */
  backup: string;
  /** The folder that has what was there before; null where there was nothing. */
  kept: string | null;
}

/**
 * @param wanted the name of a backup; without it, the newest that is sound
 * @throws UserError where there is no such backup, or the workspace is open
 */
export function restoreBackup(folder: string, wanted: string | undefined): Restored {
  try {
    const backup = choose(folder, wanted);
    const unlock = lockWorkspace(folder, 'receptive restore');
    try {
      const file = join(folder, 'receptive.sqlite');
      const partial = copyToPartial(backup.path, file);
      const kept = setAside(folder, file);
      renameSync(partial, file);
      return { backup: backup.name, kept };
    } finally {
      unlock();
    }
  } catch (error) {
    throw explained(error, folder);
  }
}

function choose(folder: string, wanted: string | undefined): Backup {
  const backups = backupsIn(folder);
  if (backups.length === 0) throw new UserError(`There is no backup in ${join(folder, 'backups')}.`);
  const candidates =
    wanted === undefined ? backups.toReversed() : backups.filter(({ name }) => name === wanted);
  const chosen = candidates.find(({ path }) => isSound(path));
  if (chosen) return chosen;
  const names = backups.map(({ name }) => name).join(', ');
  throw new UserError(
    candidates.length === 0
      ? `There is no backup of ${wanted?.slice(0, 40)}; there are: ${names}.`
      : `The backup of ${candidates.map(({ name }) => name).join(', ')} is damaged too.`,
  );
}

function isSound(path: string): boolean {
  try {
    if (inspect(path) === 0) return false;
    const db = new Sqlite(path, { readonly: true });
    try {
      return faultIn(db, true) === undefined;
    } finally {
      db.close();
    }
  } catch {
    // One that cannot even be opened.
    return false;
  }
}

/** Moves the database and its logs away, whatever state they are in: SQLite would write one into the backup. */
function setAside(folder: string, file: string): string | null {
  breakSeal(file);
  const there = [file, `${file}-wal`, `${file}-shm`, `${file}-journal`].filter(path => existsSync(path));
  if (there.length === 0) return null;
  const kept = join(folder, `replaced ${new Date().toISOString().replaceAll(':', '-')}`);
  mkdirSync(kept);
  for (const path of there) renameSync(path, join(kept, basename(path)));
  return kept;
}
