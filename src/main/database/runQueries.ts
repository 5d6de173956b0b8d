/**
 * Queries of runs, their curves and checkpoints. NaN is stored as null by SQLite and JSON, and converted back when
 * read.
 */
import type Sqlite from 'better-sqlite3';
import { pack, unpack } from 'msgpackr';
import { z } from 'zod';
import type { Split } from '../../bridge/datasetCalls.ts';
import type { Id, Time } from '../../bridge/ids.ts';
import { noMetrics } from '../../bridge/noMetrics.ts';
import type { RunCursor, RunHealth, RunMetrics, RunState, RunSummary } from '../../bridge/runCalls.ts';
import type { LayerHealth } from '../../engine/graph/healthFindings.ts';
import type { EpochReport, StepReport } from '../../engine/runtime/trainerMessages.ts';
import type { Checkpoint, KeptSamples, RunChange, RunRecord, StoredEvaluation } from './runRecords.ts';
import {
  DETAIL_COLUMNS,
  type DetailRow,
  fields,
  number,
  RUN_COLUMNS,
  readMetrics,
  recordOf,
  SUMMARY_COLUMNS,
  type SummaryRow,
  summaryOf,
  toRow,
} from './runRows.ts';
import { listIn, numbersIn, readAs, UnreadableColumn } from './storedColumns.ts';

const figures = z.array(z.number().nullable());
/** The fields of an answer that are computed with. */
const headSchema = z.looseObject({
  answer: z.string(),
  classes: z.array(z.string()),
  scores: figures,
  confusion: z.array(figures),
  perClass: z.array(z.looseObject({})),
});

/** Deleted runs are in the bin until the next start. */
const NOT_DELETED = 'deleted_at IS NULL';
const NEWEST_FIRST = 'ORDER BY started_at DESC, id DESC';

interface EvaluationRow {
  epoch: number;
  step: number;
  heads: string;
  losses: Buffer;
  predictions: Buffer | null;
}

interface EpochRow {
  epoch: number;
  step: number;
  train_loss: number | null;
  train_accuracy: number | null;
  val_loss: number | null;
  val_accuracy: number | null;
  validated: number;
  metrics: string;
}

export class RunQueries {
  readonly #db: Sqlite.Database;
  #deletion: Sqlite.Statement | undefined;

  constructor(db: Sqlite.Database) {
    this.#db = db;
  }

  insertRun(run: RunRecord): void {
    this.#db
      .prepare(
        `INSERT INTO runs (${fields.map(field => RUN_COLUMNS[field]).join(', ')})
         VALUES (${fields.map(field => `:${field}`).join(', ')})`,
      )
      .run(toRow(run));
  }

  /** Updates the given fields. */
  updateRun(id: Id, change: RunChange): void {
    const row = toRow(change);
    const changed = Object.keys(row) as (keyof RunChange)[];
    if (changed.length === 0) return;
    const set = changed.map(field => `${RUN_COLUMNS[field]} = :${field}`).join(', ');
    this.#db.prepare(`UPDATE runs SET ${set} WHERE id = :id`).run({ ...row, id });
  }

  renameRun(id: Id, name: string): void {
    this.updateRun(id, { name });
  }

  isNameTaken(name: string): boolean {
    return this.#db.prepare('SELECT 1 FROM runs WHERE name = ?').get(name) !== undefined;
  }

  /** Moves a run into the bin or out of it. */
  setDeleted(id: Id, deletedAt: Time | null): boolean {
    // Cached, because many runs may be deleted at once, and each prepared statement takes memory until it is collected.
    this.#deletion ??= this.#db.prepare('UPDATE runs SET deleted_at = ? WHERE id = ?');
    return this.#deletion.run(deletedAt, id).changes > 0;
  }

  /** Empties the bin. Returns the deleted runs; removing their files is up to the caller. */
  purge(): Id[] {
    return this.#db
      .prepare<[], Id>('DELETE FROM runs WHERE deleted_at IS NOT NULL RETURNING id')
      .pluck()
      .all();
  }

  /** All runs, including those in the bin. */
  ids(): Id[] {
    return this.#db.prepare<[], Id>('SELECT id FROM runs').pluck().all();
  }

  getRun(id: Id): RunRecord | undefined {
    const row = this.#db
      .prepare<[Id], DetailRow>(`SELECT ${DETAIL_COLUMNS} FROM runs WHERE id = ? AND ${NOT_DELETED}`)
      .get(id);
    return row && recordOf(row);
  }

  /** Newest first. `rate` is 0, as only the trainer knows it. */
  listRuns(): RunSummary[] {
    return this.#db
      .prepare<[], SummaryRow>(`SELECT ${SUMMARY_COLUMNS} FROM runs WHERE ${NOT_DELETED} ${NEWEST_FIRST}`)
      .all()
      .map(summaryOf);
  }

  /** At most `limit` runs after `after`. */
  pageOfRuns(after: RunCursor | null, limit: number): RunSummary[] {
    const { startedAt, id } = after ?? { startedAt: Number.MAX_SAFE_INTEGER, id: '' };
    return this.#db
      .prepare<[Time, string, number], SummaryRow>(
        `SELECT ${SUMMARY_COLUMNS} FROM runs WHERE ${NOT_DELETED} AND (started_at, id) < (?, ?) ${NEWEST_FIRST} LIMIT ?`,
      )
      .all(startedAt, id, limit)
      .map(summaryOf);
  }

  /**
   * Marks every run that a crashed process left running or paused as `crashed`, with the current time as end. Returns
   * them.
   */
  markInterrupted(): RunSummary[] {
    const ids = this.#db
      .prepare<[RunState, Time], Id>(
        "UPDATE runs SET state = ?, ended_at = ? WHERE state IN ('running', 'paused') RETURNING id",
      )
      .pluck()
      .all('crashed', Date.now());
    return ids.flatMap(id => this.summary(id) ?? []);
  }

  summary(id: Id): RunSummary | undefined {
    const row = this.#db
      .prepare<[Id], SummaryRow>(`SELECT ${SUMMARY_COLUMNS} FROM runs WHERE id = ? AND ${NOT_DELETED}`)
      .get(id);
    return row && summaryOf(row);
  }

  /** Queued runs, in order. */
  queue(): Id[] {
    return this.#db
      .prepare<[], Id>(
        `SELECT id FROM runs WHERE state = 'queued' AND ${NOT_DELETED} ORDER BY queue_place, id`,
      )
      .pluck()
      .all();
  }

  /** Whether a run that uses the dataset is running, paused or queued. */
  isTrainedOn(dataset: Id): boolean {
    return (
      this.#db
        .prepare("SELECT 1 FROM runs WHERE dataset_id = ? AND state IN ('running', 'paused', 'queued')")
        .get(dataset) !== undefined
    );
  }

  /** In one transaction; existing steps are replaced. */
  appendSteps(run: Id, points: readonly StepReport[]): void {
    const insert = this.#db.prepare('INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?)');
    this.#db.transaction(() => {
      for (const { step, loss, accuracy, learningRate, seconds } of points) {
        insert.run(run, step, loss, accuracy, learningRate, seconds);
      }
    })();
  }

  appendEpoch(run: Id, point: EpochReport): void {
    const { epoch, step, trainLoss, trainAccuracy, valLoss, valAccuracy, metrics } = point;
    const validated = valLoss === null ? 0 : 1;
    const figures = JSON.stringify(metrics);
    this.#db
      .prepare('INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(run, epoch, step, trainLoss, trainAccuracy, valLoss, valAccuracy, validated, figures);
  }

  /** Deletes metrics after a step, to resume from a checkpoint there. */
  truncateMetrics(run: Id, step: number): void {
    this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM steps WHERE run = ? AND step > ?').run(run, step);
      this.#db.prepare('DELETE FROM epochs WHERE run = ? AND step > ?').run(run, step);
      this.#db.prepare('DELETE FROM health WHERE run = ? AND step > ?').run(run, step);
    })();
  }

  metricsAfter(run: Id, after: { step: number; epoch: number }): RunMetrics {
    const metrics = noMetrics();
    const { steps, epochs } = metrics;
    for (const row of this.#raw(
      'SELECT * FROM steps WHERE run = ? AND step > ? ORDER BY step',
      run,
      after.step,
    )) {
      const [, step, loss, accuracy, learningRate, seconds] = row;
      steps.step.push(step!);
      steps.loss.push(number(loss));
      steps.accuracy.push(number(accuracy));
      steps.learningRate.push(number(learningRate));
      steps.seconds.push(number(seconds));
    }
    const rows = this.#db
      .prepare<[Id, number], EpochRow>('SELECT * FROM epochs WHERE run = ? AND epoch > ? ORDER BY epoch')
      .iterate(run, after.epoch);
    for (const row of rows) {
      epochs.epoch.push(row.epoch);
      epochs.step.push(row.step);
      epochs.trainLoss.push(number(row.train_loss));
      epochs.trainAccuracy.push(number(row.train_accuracy));
      epochs.valLoss.push(row.validated ? number(row.val_loss) : null);
      epochs.valAccuracy.push(row.validated ? number(row.val_accuracy) : null);
      epochs.metrics.push(readMetrics(row.metrics));
    }
    return metrics;
  }

  /** Rows as arrays; the first column is the run's id, which is never read as a number. */
  #raw(sql: string, run: Id, after: number): IterableIterator<(number | null)[]> {
    return this.#db.prepare<[Id, number], (number | null)[]>(sql).raw().iterate(run, after);
  }

  /** Stores the latest evaluation of a split. */
  putEvaluation(run: Id, { split, epoch, step, heads, losses, predictions }: StoredEvaluation): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(
        run,
        split,
        epoch,
        step,
        JSON.stringify(heads),
        bytesOf(losses),
        predictions && bytesOf(predictions),
      );
  }

  /** The latest evaluation of a split; undefined for none. */
  evaluation(run: Id, split: Split): StoredEvaluation | undefined {
    const row = this.#db
      .prepare<[Id, Split], EvaluationRow>(
        'SELECT epoch, step, heads, losses, predictions FROM evaluations WHERE run = ? AND split = ?',
      )
      .get(run, split);
    if (!row) return undefined;
    const what = 'how a run answered';
    const losses = numbersIn(Float32Array, row.losses, what);
    const predictions = row.predictions && numbersIn(Uint16Array, row.predictions, what);
    const heads = readAs(z.array(headSchema).min(1), row.heads, what) as unknown as StoredEvaluation['heads'];
    return { ...row, split, heads, losses, predictions };
  }

  /** Stores the latest outputs for the run's sample images. */
  putSamples(run: Id, { step, images }: KeptSamples): void {
    this.#db.prepare('INSERT OR REPLACE INTO samples VALUES (?, ?, ?)').run(run, step, pack(images));
  }

  /** Undefined where nothing was asked yet. */
  samples(run: Id): KeptSamples | undefined {
    const row = this.#db
      .prepare<[Id], { step: number; images: Buffer }>('SELECT step, images FROM samples WHERE run = ?')
      .get(run);
    return row && { step: row.step, images: unpacked(row.images) };
  }

  appendHealth(run: Id, step: number, nodes: readonly LayerHealth[]): void {
    this.#db.prepare('INSERT OR REPLACE INTO health VALUES (?, ?, ?)').run(run, step, JSON.stringify(nodes));
  }

  /** The latest health figures of a run, if they are of a step after `after`. */
  latestHealth(run: Id, after: number): RunHealth | undefined {
    const row = this.#db
      .prepare<[Id, number], { step: number; nodes: string }>(
        'SELECT step, nodes FROM health WHERE run = ? AND step > ? ORDER BY step DESC LIMIT 1',
      )
      .get(run, after);
    return (
      row && {
        step: row.step,
        nodes: listIn(row.nodes, 'how its layers fared', (_, value) => value ?? Number.NaN),
      }
    );
  }

  /** Replaces a checkpoint at the same path. */
  addCheckpoint(run: Id, checkpoint: Checkpoint): void {
    const { path, step, epoch, kind, createdAt } = checkpoint;
    this.#db
      .prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?)')
      .run(run, path, step, epoch, kind, createdAt);
  }

  /** The latest first. */
  listCheckpoints(run: Id): Checkpoint[] {
    return this.#db
      .prepare<[Id], Checkpoint>(
        `SELECT step, epoch, path, kind, created_at AS createdAt FROM checkpoints
         WHERE run = ? ORDER BY step DESC, created_at DESC`,
      )
      .all(run);
  }

  /** Deletes checkpoints of one kind after a step, when the run is resumed from there. */
  deleteCheckpointsAfter(run: Id, kind: string, step: number): void {
    this.#db.prepare('DELETE FROM checkpoints WHERE run = ? AND kind = ? AND step > ?').run(run, kind, step);
  }

  deleteCheckpoint(run: Id, path: string): void {
    this.#db.prepare('DELETE FROM checkpoints WHERE run = ? AND path = ?').run(run, path);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function unpacked(bytes: Buffer): KeptSamples['images'] {
  try {
    const images: unknown = unpack(bytes);
    if (Array.isArray(images) && images.every(image => typeof image === 'object' && image !== null))
      return images;
  } catch {
    // Treated as if it were no list.
  }
  throw new UnreadableColumn('what was said of some images');
}
