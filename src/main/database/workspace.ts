/**
 * A workspace: the folder with the database, datasets and checkpoints of a user. Opening it for writing locks it for
 * the life of the process; opening it for reading does not, and works next to a writer.
 *
 * Committed queries are on the disk: `synchronous = FULL`.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Id } from '../../bridge/ids.ts';
import { argument, damagedDatabase, explained } from '../errorSentences.ts';
import { warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { backUpClosed, backUpOpen, backupsIn, isBackupDue, keepNewestBackup } from './backups.ts';
import { DatasetQueries } from './datasetQueries.ts';
import { LibraryQueries } from './libraryQueries.ts';
import { lockWorkspace } from './lock.ts';
import { migrate, readSchemaVersion, recoverJournal } from './migrate.ts';
import { ProjectQueries } from './projectQueries.ts';
import { Removals } from './removals.ts';
import { RunQueries } from './runQueries.ts';
import { MIGRATIONS } from './schema.ts';
import { breakSeal, faultIn, missingColumnIn, readSeal, type SealState, seal } from './seal.ts';
import { SweepQueries } from './sweepQueries.ts';
import { VersionQueries } from './versionQueries.ts';

export interface WorkspaceOptions {
  mode: 'write' | 'read';
  /** The program for messages of the lock: `the desktop app`, `receptive train`. */
  what?: string;
}

export interface Workspace {
  /** Absolute. */
  readonly folder: string;
  readonly mode: 'write' | 'read';
  /** A warning for the user that the database is not as it was when last closed; null for none. */
  readonly notice: string | null;
  readonly projects: ProjectQueries;
  readonly datasets: DatasetQueries;
  readonly versions: VersionQueries;
  readonly runs: RunQueries;
  readonly sweeps: SweepQueries;
  readonly library: LibraryQueries;
  /** All files of the workspace are removed through this. */
  readonly removals: Removals;
  /** Small facts about the workspace, e.g. that its sample has been created. */
  fact(name: string): string | undefined;
  setFact(name: string, value: string): void;
  /** Deletes a dataset and records its cache for removal. */
  deleteDataset(id: Id): void;
  /** Runs `work` in a transaction. It must be synchronous. */
  transaction<T>(work: () => T): T;
  /** @throws UserError where the workspace was opened for reading */
  requireWrite(): void;
  /** Makes today's backup, unless there is one, while the workspace is in use. */
  backUp(): Promise<void>;
  /** @param sealed whether to store a checksum, and to make or replace today's backup if anything changed */
  close(sealed?: 'sealed'): void;
}

/**
 * Opens a workspace; in `write` mode it is created where it does not exist.
 *
 * @throws WorkspaceTaken, a UserError, while another process has it open for writing
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
  const version = readSchemaVersion(file);
  if (version === 0)
    throw emptiedDatabaseFault(folder, file) ?? new UserError(`There is no workspace in ${folder} yet.`);
  if (version < MIGRATIONS.length) {
    throw new UserError(
      `The workspace ${folder} is from an older version: start Receptive once to update it.`,
    );
  }
  const found = readSeal(file);
  const db = new Sqlite(file, { readonly: true });
  try {
    // Without a seal it is probably open elsewhere, where it was checked.
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
    recoverJournal(file);
    const isNew = readSchemaVersion(file) === 0;
    const emptiness = existsSync(file) && isNew && emptiedDatabaseFault(folder, file);
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
    // The message names the newest backup by its final name.
    if (found === 'broken' || isNew) keepNewestBackup(folder);
    return workspaceOf(
      folder,
      'write',
      db,
      isNew ? newDatabaseNotice(folder) : noticeOf(folder, found),
      unlock,
    );
  } catch (error) {
    db?.close();
    unlock();
    throw error;
  }
}

const fileIn = (folder: string) => join(folder, 'receptive.sqlite');

/** @throws UserError where SQLite finds damage. Checks thoroughly if the file has changed. */
function requireSound(db: Sqlite.Database, folder: string, found: SealState): void {
  const fault = faultIn(db, found === 'broken');
  if (fault !== undefined) throw damagedDatabase(folder, fault);
}

/** The fault of a database without tables that was not empty before. */
function emptiedDatabaseFault(folder: string, file: string): UserError | undefined {
  if (backupsIn(folder).length === 0 && readSeal(file) !== 'broken') return undefined;
  return damagedDatabase(folder, existsSync(file) ? 'it is empty' : 'its file is not there');
}

/** A notice for a new database where there are backups of a previous one. */
function newDatabaseNotice(folder: string): string | null {
  const newest = backupsIn(folder).at(-1);
  return newest
    ? `The workspace's database in ${folder} was not there, and a new one was begun. “receptive restore ${argument(newest.name)} --workspace ${argument(folder)}” puts back the backup of ${newest.name}.`
    : null;
}

function requireComplete(db: Sqlite.Database, folder: string): void {
  const lack = missingColumnIn(db, () => new Sqlite(':memory:'));
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
      // A changed or damaged database is not backed up over the previous one.
      const isOwn = notice === null && mode === 'write';
      const changes = isOwn ? db.prepare<[], number>('SELECT total_changes()').pluck().get()! : 0;
      db.close();
      try {
        if (mode === 'write' && sealed) sealAndBackUp(folder, changes > 0);
      } finally {
        unlock();
      }
    },
  };
}

/**
 * Stores checksum and backup after closing. On a full disk there is neither, and the next opening checks more
 * thoroughly.
 */
function sealAndBackUp(folder: string, hasChanged: boolean): void {
  const file = fileIn(folder);
  try {
    if (seal(file) && (hasChanged || backupsIn(folder).length === 0)) backUpClosed(folder, file);
  } catch (error) {
    warn(`The database was not backed up: ${explained(error, folder).message}`);
  }
}
