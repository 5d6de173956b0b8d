/**
 * Backups of the database, one for each day on which something changed, in `backups/` of the workspace. A day's is
 * written again at each clean end of that day, so that the newest is what the database was when it was closed last.
 */
import { constants, copyFileSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { removeInsideSync } from '../removal.ts';
import { syncFile } from './files.ts';

/** Days of which a backup is kept. */
const KEPT = 7;

export interface Backup {
  /** Its day, as `2026-05-04`, and what more its file is called. */
  name: string;
  path: string;
}

/** The oldest first. */
export function backupsIn(folder: string): Backup[] {
  const backups = join(folder, 'backups');
  try {
    const names = readdirSync(backups).filter(name => /^\d{4}-\d\d-\d\d.*\.sqlite$/.test(name));
    return names.sort().map(name => ({ name: name.slice(0, -'.sqlite'.length), path: join(backups, name) }));
  } catch {
    // None was made yet, or the disk does not answer, which what needs the disk will say.
    return [];
  }
}

/** Copies a database file that nobody has open. */
export function backUpClosed(folder: string, file: string): void {
  const path = pathOfToday(folder);
  copyFileSync(file, `${path}.partial`, constants.COPYFILE_FICLONE);
  keep(folder, path);
}

/** Copies a database that is in use, a few pages at a time. */
export async function backUpOpen(folder: string, db: Sqlite.Database): Promise<void> {
  const path = pathOfToday(folder);
  await db.backup(`${path}.partial`);
  keep(folder, path);
}

/** Whether there is none of today. */
export function isBackupDue(folder: string): boolean {
  return backupsIn(folder).at(-1)?.name !== today();
}

/** Keeps today's from being written again: the database is not what it was when it was closed. */
export function setAside(folder: string): void {
  const newest = backupsIn(folder).at(-1);
  if (newest?.name === today()) renameSync(newest.path, newest.path.replace(/\.sqlite$/, ' before.sqlite'));
}

function pathOfToday(folder: string): string {
  mkdirSync(join(folder, 'backups'), { recursive: true });
  return join(folder, 'backups', `${today()}.sqlite`);
}

function keep(folder: string, path: string): void {
  syncFile(`${path}.partial`);
  renameSync(`${path}.partial`, path);
  for (const { path: old } of backupsIn(folder).slice(0, -KEPT))
    removeInsideSync(join(folder, 'backups'), old);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
