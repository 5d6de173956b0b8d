/** Queries of projects. Documents are stored as the text of a project file, which studio/projectService.ts reads. */
import type Sqlite from 'better-sqlite3';
import type { Id, Time } from '../../bridge/ids.ts';
import type { ProjectSummary } from '../../bridge/projectCalls.ts';

export interface ProjectRecord extends ProjectSummary {
  document: string;
}

interface Row {
  id: Id;
  name: string;
  document: string;
  created_at: Time;
  changed_at: Time;
  edited: 0 | 1;
}

const SUMMARY_COLUMNS = 'id, name, created_at, changed_at, document <> saved_document AS edited';

export class ProjectQueries {
  readonly #db: Sqlite.Database;

  constructor(db: Sqlite.Database) {
    this.#db = db;
  }

  /** Last changed first. */
  list(): ProjectSummary[] {
    return this.#db
      .prepare<[], Row>(`SELECT ${SUMMARY_COLUMNS} FROM projects ORDER BY changed_at DESC, id`)
      .all()
      .map(summary);
  }

  get(id: Id): ProjectRecord | undefined {
    const row = this.#db
      .prepare<[Id], Row>(`SELECT ${SUMMARY_COLUMNS}, document FROM projects WHERE id = ?`)
      .get(id);
    return row && { ...summary(row), document: row.document };
  }

  nameTaken(name: string): boolean {
    return this.#db.prepare('SELECT 1 FROM projects WHERE name = ?').get(name) !== undefined;
  }

  /** A new project counts as saved; `edited` is set by the first change. */
  insert(id: Id, name: string, document: string, at: Time): void {
    this.#db
      .prepare('INSERT INTO projects VALUES (:id, :name, :document, :document, 0, :at, :at)')
      .run({ id, name, document, at });
  }

  /** Stores a change, unless a newer version is stored. Returns whether it did. */
  update(id: Id, change: { name: string; document: string; version: number; at: Time }): boolean {
    return (
      this.#db
        .prepare(
          `UPDATE projects SET name = :name, document = :document, version = :version, changed_at = :at
           WHERE id = :id AND version <= :version`,
        )
        .run({ id, ...change }).changes > 0
    );
  }

  /** Restarts the count of changes for a client that opens the project. */
  resetVersion(id: Id): void {
    this.#db.prepare('UPDATE projects SET version = 0 WHERE id = ?').run(id);
  }

  save(id: Id): void {
    this.#db.prepare('UPDATE projects SET saved_document = document WHERE id = ?').run(id);
  }

  delete(id: Id): boolean {
    return this.#db.prepare('DELETE FROM projects WHERE id = ?').run(id).changes > 0;
  }
}

function summary(row: Row): ProjectSummary {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    edited: row.edited === 1,
  };
}
