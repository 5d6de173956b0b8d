/**
 * Removes files and folders that are no longer needed. A path is recorded in the same transaction that deletes its
 * rows, and removed after the commit. After a crash, the rest is removed when the workspace is opened next. Nothing
 * else is ever removed.
 */
import { join } from 'node:path';
import type Sqlite from 'better-sqlite3';
import type { Id } from '../../bridge/ids.ts';
import { removeInside } from '../removal.ts';
import { warn } from '../terminal.ts';
import { ID_FOLDERS, type IdFolder } from './idFolders.ts';

/** `runs/<id>` or a file in it, `runs/<id>/last-300.safetensors`. */
const PATH = new RegExp(`^(${ID_FOLDERS.join('|')})/[0-9a-f]{16}(/[A-Za-z0-9.-]{1,100})?$`);

export class Removals {
  readonly #db: Sqlite.Database;
  readonly #folder: string;

  constructor(db: Sqlite.Database, folder: string) {
    this.#db = db;
    this.#folder = folder;
  }

  /** Records a folder, or a file in it, for `sweep`; to be called in the transaction that deletes its rows. */
  note(of: IdFolder, id: Id, file?: string): void {
    this.#put(of, id, file, 0);
  }

  /** Records what is to be removed at the next opening of the workspace, unless it is recorded already. */
  noteForNextOpening(of: IdFolder, id: Id): void {
    this.#put(of, id, undefined, 1);
  }

  /**
   * Marks what was recorded for this opening as due. Folders that have rows are exempt: they were recorded by another
   * state of the database, or recreated.
   */
  opened(): void {
    const inUse = "SELECT 'datasets/' || id FROM datasets UNION ALL SELECT 'runs/' || id FROM runs";
    this.#db.prepare(`DELETE FROM removals WHERE path IN (${inUse})`).run();
    this.#db.prepare('UPDATE removals SET waits = 0').run();
  }

  /**
   * Removes what is recorded. What cannot be removed, or whose record cannot be deleted on a full disk, is tried again
   * at the next sweep, so that callers never wait for the disk. Never throws.
   */
  async sweep(): Promise<void> {
    if (!this.#db.open) return;
    const paths = this.#db.prepare<[], string>('SELECT path FROM removals WHERE waits = 0').pluck().all();
    for (const path of paths) {
      const [, top] = PATH.exec(path) ?? [];
      try {
        // A malformed path, which we cannot have written, is dropped without removing anything.
        if (top !== undefined) await removeInside(join(this.#folder, top), join(this.#folder, path));
        // If the workspace was closed meanwhile, the next opening finds nothing left to remove.
        if (!this.#db.open) return;
        this.#db.prepare('DELETE FROM removals WHERE path = ? AND waits = 0').run(path);
      } catch (error) {
        warn(`${path} was not removed: ${(error as Error).message}`);
      }
    }
  }

  #put(of: IdFolder, id: Id, file: string | undefined, waits: 0 | 1): void {
    const path = [of, id, ...(file === undefined ? [] : [file])].join('/');
    this.#db.prepare('INSERT OR REPLACE INTO removals VALUES (?, ?)').run(path, waits);
  }
}
