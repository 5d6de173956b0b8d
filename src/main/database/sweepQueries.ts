/** Queries of sweeps: a name and a plan. The results are its runs. */
import type Sqlite from 'better-sqlite3';
import type { Id, Time } from '../../bridge/ids.ts';
import type { SweepPlan } from '../../bridge/runCalls.ts';
import { sweepPlanSchema } from '../sweepPlanSchema.ts';
import { readAs } from './storedColumns.ts';

export interface SweepRecord {
  id: Id;
  name: string;
  plan: SweepPlan;
  createdAt: Time;
}

export class SweepQueries {
  readonly #db: Sqlite.Database;

  constructor(db: Sqlite.Database) {
    this.#db = db;
  }

  insert({ id, name, plan, createdAt }: SweepRecord): void {
    this.#db.prepare('INSERT INTO sweeps VALUES (?, ?, ?, ?)').run(id, name, JSON.stringify(plan), createdAt);
  }

  get(id: Id): SweepRecord | undefined {
    const row = this.#db
      .prepare<[Id], Omit<SweepRecord, 'plan'> & { plan: string }>(
        'SELECT id, name, plan, created_at AS createdAt FROM sweeps WHERE id = ?',
      )
      .get(id);
    return row && { ...row, plan: readAs(sweepPlanSchema, row.plan, 'the plan of a sweep') };
  }

  /** Those with a readable plan. */
  list(): SweepRecord[] {
    const ids = this.#db.prepare<[], Id>('SELECT id FROM sweeps').pluck().all();
    return ids.flatMap(id => {
      try {
        return this.get(id) ?? [];
      } catch {
        // The error is reported where that sweep is requested.
        return [];
      }
    });
  }

  isNameTaken(name: string): boolean {
    return this.#db.prepare('SELECT 1 FROM sweeps WHERE name = ?').get(name) !== undefined;
  }
}
