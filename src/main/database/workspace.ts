/**
 * A workspace: the folder that holds the database, the datasets and the checkpoints of one person. Opening it
 * to write locks it for the process's life; opening it to read does not, and works beside a writer.
 *
 * What a query acknowledged is on the disk: `synchronous = FULL`.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Id } from '../../bridge/ids.ts';
import { UserError } from '../userError.ts';
import { DatasetQueries } from './datasets.ts';
import { LibraryQueries } from './library.ts';
import { lockWorkspace } from './lock.ts';
import { inspect, migrate, putBack } from './migrate.ts';
import { ProjectQueries } from './projects.ts';
import { Removals } from './removals.ts';
import { RunQueries } from './runs.ts';
import { MIGRATIONS } from './schema.ts';
import { SweepQueries } from './sweeps.ts';
import { VersionQueries } from './versions.ts';

export interface OpenOptions {
  mode: 'write' | 'read';
  /** What opens it, for the sentence that a second studio gets: `the desktop app`, `receptive train`. */
  what?: string;
}

export interface Workspace {
  /** Absolute. */
  readonly folder: string;
  readonly mode: 'write' | 'read';
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
  close(): void;
}

/**
 * Opens a workspace; in `write` mode it is made where it does not exist.
 *
 * @throws WorkspaceTaken, a UserError, while another process writes to it
 * @throws UserError where the folder or the database cannot be used
 */
export function openWorkspace(path: string, { mode, what = 'Receptive' }: OpenOptions): Workspace {
  const folder = resolve(path);
  const file = join(folder, 'receptive.sqlite');
  if (mode === 'read') {
    const version = inspect(file);
    if (version === 0) throw new UserError(`There is no workspace in ${folder} yet.`);
    if (version < MIGRATIONS.length) {
      throw new UserError(
        `The workspace ${folder} is from an older version: start Receptive once to update it.`,
      );
    }
    return workspaceOf(folder, mode, new Sqlite(file, { readonly: true }), () => undefined);
  }
  makeFolder(folder);
  const unlock = lockWorkspace(folder, what);
  let db: Sqlite.Database | undefined;
  try {
    putBack(file);
    inspect(file);
    db = new Sqlite(file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    migrate(db, file);
    return workspaceOf(folder, mode, db, unlock);
  } catch (error) {
    db?.close();
    unlock();
    throw error;
  }
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
  unlock: () => void,
): Workspace {
  const getFact = db.prepare<[string], string>('SELECT value FROM facts WHERE name = ?').pluck();
  const datasets = new DatasetQueries(db);
  const removals = new Removals(db, folder);
  const putFact = db.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)');
  return {
    folder,
    mode,
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
    close: () => {
      db.close();
      unlock();
    },
  };
}
