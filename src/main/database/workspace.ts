/**
 * A workspace: the folder that holds the database, the datasets and the checkpoints of one person. Opening it
 * to write locks it for the process's life; opening it to read does not, and works beside a writer.
 *
 * What a query acknowledged is on the disk: `synchronous = FULL`.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Id } from '../../bridge/ids.ts';
import { argument, damagedDatabase, explained } from '../errorSentences.ts';
import { warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { backUpClosed, backUpOpen, backupsIn, isBackupDue, setAside } from './backups.ts';
import { DatasetQueries } from './datasetQueries.ts';
import { LibraryQueries } from './libraryQueries.ts';
import { lockWorkspace } from './lock.ts';
import { inspect, migrate, putBack } from './migrate.ts';
import { ProjectQueries } from './projectQueries.ts';
import { Removals } from './removals.ts';
import { RunQueries } from './runQueries.ts';
import { MIGRATIONS } from './schema.ts';
import { breakSeal, faultIn, lackIn, readSeal, type SealState, seal } from './seal.ts';
import { SweepQueries } from './sweepQueries.ts';
import { VersionQueries } from './versionQueries.ts';

export interface WorkspaceOptions {
  mode: 'write' | 'read';
  /** What opens it, for the sentence that a second studio gets: `the desktop app`, `receptive train`. */
  what?: string;
}

export interface Workspace {
  /** Absolute. */
  readonly folder: string;
  readonly mode: 'write' | 'read';
  /** A sentence about the database that a person should hear: it is not what it was; null where it is. */
  readonly notice: string | null;
  readonly projects: ProjectQueries;
  readonly datasets: DatasetQueries;
  readonly versions: VersionQueries;
  readonly runs: RunQueries;
  readonly sweeps: SweepQueries;
  readonly library: LibraryQueries;
  /** The only way by which files of the workspace go. */
  readonly removals: Removals;
  /** Small things to remember about the workspace itself, such as that its sample was made. */
  fact(name: string): string | undefined;
  setFact(name: string, value: string): void;
  /** Deletes a dataset, and notes its cache to be removed by the next sweep. */
  deleteDataset(id: Id): void;
  /** All of `work`, or nothing of it. `work` may not wait for anything. */
  transaction<T>(work: () => T): T;
  /** @throws UserError where the workspace was opened to read */
  requireWrite(): void;
  /** Makes today's backup, where there is none yet, while the workspace is in use. */
  backUp(): Promise<void>;
  /** @param sealed whether it is to be sealed, and today's backup made or renewed where anything changed */
  close(sealed?: 'sealed'): void;
}

/**
 * Opens a workspace; in `write` mode it is made where it does not exist.
 *
 * @throws WorkspaceTaken, a UserError, while another process writes to it
 * @throws UserError where the folder or the database cannot be used
 */
export function openWorkspace(path: string, { mode, what = 'Receptive' }: WorkspaceOptions): Workspace {
  const folder = resolve(path);
  try {
    return mode === 'read' ? openToRead(folder) : openToWrite(folder, what);
  } catch (error) {
    throw explained(error, folder);
  }
}

function openToRead(folder: string): Workspace {
  const file = fileIn(folder);
  const version = inspect(file);
  if (version === 0) throw emptied(folder, file) ?? new UserError(`There is no workspace in ${folder} yet.`);
  if (version < MIGRATIONS.length) {
    throw new UserError(
      `The workspace ${folder} is from an older version: start Receptive once to update it.`,
    );
  }
  const found = readSeal(file);
  const db = new Sqlite(file, { readonly: true });
  try {
    // One that has no seal is most likely open elsewhere, and whoever opened it has looked at it.
    if (found === 'broken') requireSound(db, folder, found);
    requireComplete(db, folder);
    return workspaceOf(folder, 'read', db, noticeOf(folder, found), () => undefined);
  } catch (error) {
    db.close();
    throw error;
  }
}

function openToWrite(folder: string, what: string): Workspace {
  const file = fileIn(folder);
  makeFolder(folder);
  const unlock = lockWorkspace(folder, what);
  let db: Sqlite.Database | undefined;
  try {
    putBack(file);
    const isNew = inspect(file) === 0;
    const emptiness = existsSync(file) && isNew && emptied(folder, file);
    if (emptiness) throw emptiness;
    const found = readSeal(file);
    db = new Sqlite(file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    if (!isNew && found !== 'whole') requireSound(db, folder, found);
    migrate(db, file);
    requireComplete(db, folder);
    breakSeal(file);
    // What it says names the newest backup as it is called from now on.
    if (found === 'broken' || isNew) setAside(folder);
    return workspaceOf(folder, 'write', db, isNew ? begunAnew(folder) : noticeOf(folder, found), unlock);
  } catch (error) {
    db?.close();
    unlock();
    throw error;
  }
}

const fileIn = (folder: string) => join(folder, 'receptive.sqlite');

/** @throws UserError where SQLite finds damage. A file that is not what it was is looked at more closely. */
function requireSound(db: Sqlite.Database, folder: string, found: SealState): void {
  const fault = faultIn(db, found === 'broken');
  if (fault !== undefined) throw damagedDatabase(folder, fault);
}

/** A database without a table, where there was one with some. */
function emptied(folder: string, file: string): UserError | undefined {
  if (backupsIn(folder).length === 0 && readSeal(file) !== 'broken') return undefined;
  return damagedDatabase(folder, existsSync(file) ? 'it is empty' : 'its file is not there');
}

/** What to say where a database is made and there are backups of another. */
function begunAnew(folder: string): string | null {
  const newest = backupsIn(folder).at(-1);
  return newest
    ? `The workspace's database in ${folder} was not there, and a new one was begun. “receptive restore ${argument(newest.name)} --workspace ${argument(folder)}” puts back the backup of ${newest.name}.`
    : null;
}

function requireComplete(db: Sqlite.Database, folder: string): void {
  const lack = lackIn(db, () => new Sqlite(':memory:'));
  if (lack !== undefined) throw damagedDatabase(folder, `${lack} is missing`);
}

function noticeOf(folder: string, found: SealState): string | null {
  if (found !== 'broken') return null;
  const newest = backupsIn(folder).at(-1);
  const wayOut = newest
    ? `The backup of ${newest.name} can be put back with “receptive restore ${argument(newest.name)} --workspace ${argument(folder)}”.`
    : 'There is no backup of it.';
  return `The workspace's database in ${folder} was changed since Receptive closed it: by another program, or by damage to the disk. ${wayOut}`;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UserError(`The workspace folder ${folder} cannot be made: ${(error as Error).message}.`);
  }
}

function workspaceOf(
  folder: string,
  mode: 'write' | 'read',
  db: Sqlite.Database,
  notice: string | null,
  unlock: () => void,
): Workspace {
  const getFact = db.prepare<[string], string>('SELECT value FROM facts WHERE name = ?').pluck();
  const datasets = new DatasetQueries(db);
  const removals = new Removals(db, folder);
  const putFact = db.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)');
  return {
    folder,
    mode,
    notice,
    projects: new ProjectQueries(db),
    datasets,
    versions: new VersionQueries(db),
    runs: new RunQueries(db),
    sweeps: new SweepQueries(db),
    library: new LibraryQueries(db),
    removals,
    fact: name => getFact.get(name),
    setFact: (name, value) => {
      putFact.run(name, value);
    },
    deleteDataset: db.transaction((id: Id) => {
      datasets.delete(id);
      removals.note('datasets', id);
    }),
    transaction: work => db.transaction(work)(),
    requireWrite: () => {
      if (mode === 'read') throw new UserError(`The workspace ${folder} is open for reading only.`);
    },
    backUp: async () => {
      if (isBackupDue(folder)) await backUpOpen(folder, db);
    },
    close: sealed => {
      if (!db.open) return;
      // What is not what it was is no backup of it.
      const isOwn = notice === null && mode === 'write';
      const changes = isOwn ? db.prepare<[], number>('SELECT total_changes()').pluck().get()! : 0;
      db.close();
      try {
        if (mode === 'write' && sealed) preserve(folder, changes > 0);
      } finally {
        unlock();
      }
    },
  };
}

/** Seals what was closed. On a full disk there is neither seal nor backup, and the next session looks closer. */
function preserve(folder: string, hasChanged: boolean): void {
  const file = fileIn(folder);
  try {
    if (seal(file) && (hasChanged || backupsIn(folder).length === 0)) backUpClosed(folder, file);
  } catch (error) {
    warn(`The database was not backed up: ${explained(error, folder).message}`);
  }
}
