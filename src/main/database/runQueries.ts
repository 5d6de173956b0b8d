/**
 * Queries over runs, their curves and their checkpoints. A loss that became NaN is kept: SQLite and JSON know it
 * as null, and reading turns it back.
 */
import type Sqlite from 'better-sqlite3';
import { pack, unpack } from 'msgpackr';
import { z } from 'zod';
import type { Split } from '../../bridge/datasetCalls.ts';
import type { Id, Time } from '../../bridge/ids.ts';
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
/** Of an answer, what is counted with. */
const headSchema = z.looseObject({
  answer: z.string(),
  classes: z.array(z.string()),
  scores: figures,
  confusion: z.array(figures),
  perClass: z.array(z.looseObject({})),
});

/** What was deleted lies in the bin. */
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

  /** Writes the given fields and leaves the others. */
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

  /** Puts a run into the bin, or takes it out. */
  setDeleted(id: Id, deletedAt: Time | null): boolean {
    // Many are deleted at once, and each statement takes memory of its own until it is swept up.
    this.#deletion ??= this.#db.prepare('UPDATE runs SET deleted_at = ? WHERE id = ?');
    return this.#deletion.run(deletedAt, id).changes > 0;
  }

  /** Empties the bin. Gives the runs whose curves and lists are gone; their files are the caller's. */
  purge(): Id[] {
    return this.#db
      .prepare<[], Id>('DELETE FROM runs WHERE deleted_at IS NOT NULL RETURNING id')
      .pluck()
      .all();
  }

  /** Of all, those in the bin too. */
  ids(): Id[] {
    return this.#db.prepare<[], Id>('SELECT id FROM runs').pluck().all();
  }

  getRun(id: Id): RunRecord | undefined {
    const row = this.#db
      .prepare<[Id], DetailRow>(`SELECT ${DETAIL_COLUMNS} FROM runs WHERE id = ? AND ${NOT_DELETED}`)
      .get(id);
    return row && recordOf(row);
  }

  /** The newest first. Their `rate` is 0: whoever trains knows better. */
  listRuns(): RunSummary[] {
    return this.#db
      .prepare<[], SummaryRow>(`SELECT ${SUMMARY_COLUMNS} FROM runs WHERE ${NOT_DELETED} ${NEWEST_FIRST}`)
      .all()
      .map(summaryOf);
  }

  /** As many as `limit` of them, those after `after`. */
  pageOfRuns(after: RunCursor | null, limit: number): RunSummary[] {
    const { startedAt, id } = after ?? { startedAt: Number.MAX_SAFE_INTEGER, id: '' };
    return this.#db
      .prepare<[Time, string, number], SummaryRow>(
        `SELECT ${SUMMARY_COLUMNS} FROM runs WHERE ${NOT_DELETED} AND (started_at, id) < (?, ?) ${NEWEST_FIRST} LIMIT ?`,
      )
      .all(startedAt, id, limit)
      .map(summaryOf);
  }

  /** Every run that a dead process left running or paused becomes `crashed`, ended now. Gives them back. */
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

  /** Those that wait, in their order. */
  queue(): Id[] {
    return this.#db
      .prepare<[], Id>(
        `SELECT id FROM runs WHERE state = 'queued' AND ${NOT_DELETED} ORDER BY queue_place, id`,
      )
      .pluck()
      .all();
  }

  /** Whether a run trains, pauses, or waits to train on the dataset. */
  isTrainedOn(dataset: Id): boolean {
    return (
      this.#db
        .prepare("SELECT 1 FROM runs WHERE dataset_id = ? AND state IN ('running', 'paused', 'queued')")
        .get(dataset) !== undefined
    );
  }

  /** In one transaction. A step that is there already is written anew. */
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

  /** Forgets what lies after a step, so that a run can go on from a checkpoint there. */
  truncateMetrics(run: Id, step: number): void {
    this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM steps WHERE run = ? AND step > ?').run(run, step);
      this.#db.prepare('DELETE FROM epochs WHERE run = ? AND step > ?').run(run, step);
      this.#db.prepare('DELETE FROM health WHERE run = ? AND step > ?').run(run, step);
    })();
  }

  metricsAfter(run: Id, after: { step: number; epoch: number }): RunMetrics {
    const metrics: RunMetrics = {
      steps: { step: [], loss: [], accuracy: [], learningRate: [], seconds: [] },
      epochs: {
        epoch: [],
        step: [],
        trainLoss: [],
        trainAccuracy: [],
        valLoss: [],
        valAccuracy: [],
        metrics: [],
      },
    };
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

  /** Rows as arrays; the first element is the run's id, never read as a number. */
  #raw(sql: string, run: Id, after: number): IterableIterator<(number | null)[]> {
    return this.#db.prepare<[Id, number], (number | null)[]>(sql).raw().iterate(run, after);
  }

  /** Keeps how a split was answered last. */
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

  /** How a split was answered last; undefined where it never was. */
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

  /** Keeps what was said last of the images that a run asks about. */
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

  /** How the layers of a run fared last, where that was after a step. */
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

  /** A checkpoint at the same path is replaced. */
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

  /** Forgets those of one kind that lie after a step, because the run goes on from there. */
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
    // As what is no list.
  }
  throw new UnreadableColumn('what was said of some images');
}
