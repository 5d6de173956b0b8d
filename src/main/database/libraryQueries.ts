/** Queries of the library of blocks. A block's content is stored as text, which studio/libraryService.ts reads. */
import type Sqlite from 'better-sqlite3';
import type { Id, Time } from '../../bridge/ids.ts';

export interface LibraryRecord {
  id: Id;
  name: string;
  content: string;
}

export class LibraryQueries {
  readonly #db: Sqlite.Database;

  constructor(db: Sqlite.Database) {
    this.#db = db;
  }

  /** By name. */
  list(): LibraryRecord[] {
    return this.#db
      .prepare<[], LibraryRecord>('SELECT id, name, content FROM blocks ORDER BY name, id')
      .all();
  }

  /** Stores a block; one of the same name is replaced, keeping its id. @returns the block's id */
  put({ id, name, content }: LibraryRecord, at: Time): Id {
    return this.#db
      .prepare<[Id, string, string, Time], Id>(
        `INSERT INTO blocks VALUES (?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET content = excluded.content RETURNING id`,
      )
      .pluck()
      .get(id, name, content, at)!;
  }

  delete(id: Id): boolean {
    return this.#db.prepare('DELETE FROM blocks WHERE id = ?').run(id).changes > 0;
  }
}
