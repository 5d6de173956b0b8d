/**
 * Removes what the workspace does not need any more, never before that is certain: a path is noted in the very
 * transaction that gives up the rows about it, and removed when that is on the disk. What a crash leaves is removed
 * when the workspace is opened next. Nothing that was not noted is ever removed.
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

  /** Notes a folder, or a file in it; `sweep` removes it. Belongs into the transaction that gives it up. */
  note(of: IdFolder, id: Id, file?: string): void {
    this.#put(of, id, file, 0);
  }

  /** Notes what is to be removed when the workspace is opened next, unless it is noted otherwise before. */
  noteForNextOpening(of: IdFolder, id: Id): void {
    this.#put(of, id, undefined, 1);
  }

  /**
   * What was noted for this opening is to be removed now. A folder that there are rows about is not: it was noted by
   * the database of another day, or to make room, and no process got to it.
   */
  opened(): void {
    const inUse = "SELECT 'datasets/' || id FROM datasets UNION ALL SELECT 'runs/' || id FROM runs";
    this.#db.prepare(`DELETE FROM removals WHERE path IN (${inUse})`).run();
    this.#db.prepare('UPDATE removals SET waits = 0').run();
  }

  /**
   * Removes what is noted. What cannot be removed, or not be noted as such on a full disk, is tried again by the next
   * sweep: nobody who gave something up has to wait for the disk. Never throws.
   */
  async sweep(): Promise<void> {
    if (!this.#db.open) return;
    const paths = this.#db.prepare<[], string>('SELECT path FROM removals WHERE waits = 0').pluck().all();
    for (const path of paths) {
      const [, top] = PATH.exec(path) ?? [];
      try {
        // One that nobody of ours can have noted is forgotten, and what it leads to left alone.
        if (top !== undefined) await removeInside(join(this.#folder, top), join(this.#folder, path));
        // The workspace may have been closed meanwhile: then the next opening finds that there is nothing left.
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
