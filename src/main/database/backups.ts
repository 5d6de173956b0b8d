/**
 * Backups of the database in `backups/` of the workspace, one for each day with changes. At each clean close the day's
 * backup is replaced, so that the newest one is the database as it was last closed.
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { removeInsideSync } from '../removal.ts';
import { clearedPartial, copyToPartial, syncFile } from './databaseFiles.ts';

/** Days whose backups are kept. */
const KEPT_DAYS = 7;

export interface Backup {
  /** The file's name, which begins with the day: `2026-05-04`. */
  name: string;
  path: string;
}

/** Oldest first. */
export function backupsIn(folder: string): Backup[] {
  const backups = join(folder, 'backups');
  try {
    const names = readdirSync(backups).filter(name => /^\d{4}-\d\d-\d\d.*\.sqlite$/.test(name));
    return names.sort().map(name => ({ name: name.slice(0, -'.sqlite'.length), path: join(backups, name) }));
  } catch {
    // There are none yet, or the disk does not respond, which the next access will report.
    return [];
  }
}

/** Copies a database file that is not open. */
export function backUpClosed(folder: string, file: string): void {
  const path = pathOfToday(folder);
  copyToPartial(file, path);
  keep(folder, path);
}

/** Copies a database that is in use, a few pages at a time. */
export async function backUpOpen(folder: string, db: Sqlite.Database): Promise<void> {
  const path = pathOfToday(folder);
  const partial = clearedPartial(path);
  await db.backup(partial);
  syncFile(partial);
  keep(folder, path);
}

/** Whether there is no backup of today. */
export function isBackupDue(folder: string): boolean {
  return backupsIn(folder).at(-1)?.name !== today();
}

/**
 * Excludes the newest backup from rotation, because the database has changed since it was closed, or may be a different
 * one.
 */
export function keepNewestBackup(folder: string): void {
  const newest = backupsIn(folder).at(-1);
  if (!newest || isSetAside(newest)) return;
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${newest.name} ${SET_ASIDE}` : `${newest.name} ${SET_ASIDE} ${number}`;
    const path = join(folder, 'backups', `${name}.sqlite`);
    if (existsSync(path)) continue;
    renameSync(newest.path, path);
    return;
  }
}

const SET_ASIDE = 'before';
const isSetAside = ({ name }: Backup) => name.includes(` ${SET_ASIDE}`);

function pathOfToday(folder: string): string {
  mkdirSync(join(folder, 'backups'), { recursive: true });
  return join(folder, 'backups', `${today()}.sqlite`);
}

function keep(folder: string, path: string): void {
  renameSync(`${path}.partial`, path);
  const daily = backupsIn(folder).filter(backup => !isSetAside(backup));
  for (const { path: old } of daily.slice(0, -KEPT_DAYS)) removeInsideSync(join(folder, 'backups'), old);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
