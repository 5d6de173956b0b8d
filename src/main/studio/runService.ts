/**
 * Runs: planning, starting, controlling, annotating, deleting. One trains at a time (activeRuns.ts); others wait in a
 * queue in the database.
 */
import type { StudioEvent } from '../../bridge/contract.ts';
import type { Id } from '../../bridge/ids.ts';
import type {
  RunAnnotation,
  RunCursor,
  RunDetail,
  RunHealth,
  RunMetrics,
  RunPage,
  RunSummary,
} from '../../bridge/runCalls.ts';
import { packRuns } from '../../bridge/runPages.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import type { TrainingData } from '../../engine/runtime/trainingData.ts';
import type { RunRecord } from '../database/runRecords.ts';
import type { Workspace } from '../database/workspace.ts';
import { explained } from '../errorSentences.ts';
import { reportDefect, warn } from '../terminal.ts';
import { DiskTrouble, UserError } from '../userError.ts';
import type { ActiveRun } from './activeRun.ts';
import { ActiveRuns, type Watching } from './activeRuns.ts';
import { lastCheckpoint } from './checkpoints.ts';
import type { Datasets } from './datasets/datasetService.ts';
import { type PlannedRun, recordOf } from './plannedRun.ts';
import { computedBy, threadsOf } from './runBackend.ts';
import { startingDigest } from './startingWeights.ts';

export interface RunsOptions {
  workspace: Workspace;
  datasets: Datasets;
  emit: (event: StudioEvent) => void;
  /** Threads of the engine. */
  workers: number;
  /** Whether a window is open, which has priority. */
  yields: boolean;
  /** Facts about machine and program that are recorded with a run. */
  environment: Record<string, string>;
}

export type StartOptions = PlannedRun & Watching;

/** Called at events of the queue. */
export interface QueueFollower {
  /** A queued run is about to start. */
  begins(): void;
  /** A run has ended, and the next one has not started: more can be planned. */
  ended(run: RunSummary): void;
}

/** Milliseconds before the queue is tried again after the disk prevented a start. */
const DISK_RETRY_MS = 5000;

export class Runs {
  readonly #options: RunsOptions;
  readonly #active: ActiveRuns;
  /** Whether queued runs start by themselves: in a studio, not in a command. */
  #drains = false;
  #follower: QueueFollower | undefined;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#active = new ActiveRuns({
      ...options,
      onEnd: run => this.#drains && this.#follower?.ended(run),
      onFree: () => this.#drain(),
    });
  }

  get #queries() {
    return this.#options.workspace.runs;
  }

  /** The newest first. */
  list(): RunSummary[] {
    return this.#queries.listRuns().map(run => this.#active.summary(run.id) ?? run);
  }

  /** At most `limit` runs after `after`, and where the next page begins. */
  page(after: RunCursor | null, limit: number): RunPage {
    const page = this.#queries.pageOfRuns(after, limit);
    const last = page.length < limit ? undefined : page.at(-1);
    const next = last ? { startedAt: last.startedAt, id: last.id } : null;
    return packRuns(
      page.map(run => this.#active.summary(run.id) ?? run),
      next,
    );
  }

  /** Running and paused ones. */
  active(): RunSummary[] {
    return this.#active.summaries();
  }

  detail(id: Id): RunDetail {
    const { datasetId: _, seed: __, ...detail } = this.record(id);
    return { ...detail, ...this.summary(id) };
  }

  summary(id: Id): RunSummary {
    const summary = this.#active.summary(id) ?? this.#queries.summary(id);
    if (!summary) throw unknown();
    return summary;
  }

  metrics(id: Id, after: { step: number; epoch: number }): RunMetrics {
    this.summary(id);
    return this.#queries.metricsAfter(id, after);
  }

  health(id: Id, after: number): RunHealth | null {
    this.summary(id);
    return this.#queries.latestHealth(id, after) ?? null;
  }

  /** The full record. @throws UserError where it was deleted */
  record(id: Id): RunRecord {
    const found = this.#queries.getRun(id);
    if (!found) throw unknown();
    return found;
  }

  /** @throws UserError where the document cannot be trained, with the reason, or another run is active */
  start({ checkpointSteps, onMessage, ...planned }: StartOptions): RunSummary {
    this.#active.refuseSecond();
    const id = this.#insert(planned, { state: 'running', queuePlace: null });
    return this.#active.begin(this.record(id), { checkpointSteps, onMessage });
  }

  /**
   * Queues runs, all or none, behind those that wait.
   *
   * @param alongside what is written in the same transaction
   * @throws UserError where one cannot be trained
   */
  enqueue(planned: readonly PlannedRun[], alongside: () => void = () => {}): Id[] {
    // Data are read once per dataset.
    const known = new Map<string, TrainingData>();
    const dataOf = (dataset: string) => {
      const data = known.get(dataset) ?? this.#dataOf(dataset);
      known.set(dataset, data);
      return data;
    };
    const ids = this.#options.workspace.transaction(() => {
      alongside();
      const place = this.#lastPlace() + 1;
      return planned.map((run, i) => this.#insert(run, { state: 'queued', queuePlace: place + i }, dataOf));
    });
    for (const id of ids) this.#tell(id);
    this.#drain();
    return ids;
  }

  /** Starts queued runs, now and from now on. */
  startQueue(follower: QueueFollower): void {
    this.#drains = true;
    this.#follower = follower;
    this.#drain();
  }

  /** Resolves when no run is active or queued. */
  async drained(): Promise<void> {
    while (this.#active.count > 0) await this.#active.ended();
  }

  /** Moves a queued run before another, or to the end. */
  moveQueued(id: Id, before: Id | null): void {
    const others = this.#queries.queue().filter(other => other !== id);
    this.#requireQueued(id);
    const at = before === null ? others.length : others.indexOf(before);
    const order = others.toSpliced(at < 0 ? others.length : at, 0, id);
    this.#options.workspace.transaction(() => {
      for (const [queuePlace, each] of order.entries()) this.#queries.updateRun(each, { queuePlace });
    });
    for (const each of order) this.#tell(each);
  }

  /** Removes runs from the queue: new ones are deleted, ones to be resumed keep their state. */
  cancelQueued(ids: readonly Id[]): void {
    const waiting = ids.filter(id => this.#queries.summary(id)?.state === 'queued');
    for (const id of waiting) {
      if (this.summary(id).step === 0) this.delete([id]);
      else {
        this.#queries.updateRun(id, { state: 'stopped', queuePlace: null });
        this.#tell(id);
      }
    }
  }

  /**
   * Queues ended runs for more epochs, all or none.
   * @throws UserError where one has no checkpoint to resume from
   */
  extend(ids: readonly Id[], epochs: number): void {
    this.#options.workspace.transaction(() => {
      for (const id of ids) this.#extend(id, epochs);
    });
    for (const id of ids) this.#tell(id);
    this.#drain();
  }

  pause(id: Id): void {
    this.#training(id).pause();
  }

  /** Continues a paused run, or resumes a stopped or interrupted one from its last checkpoint. */
  resume(id: Id, onMessage?: (message: TrainerMessage) => void): void {
    const training = this.#active.get(id);
    if (training) {
      training.resume();
      return;
    }
    const { state, name } = this.summary(id);
    if (state === 'finished') throw new UserError(`${name} is finished: there is nothing to resume.`);
    this.#options.workspace.requireWrite();
    this.#active.refuseSecond();
    this.#active.begin(this.record(id), { onMessage });
  }

  stop(id: Id): void {
    this.#training(id).stop();
  }

  setLearningRate(id: Id, learningRate: number): void {
    this.#training(id).setLearningRate(learningRate);
  }

  rename(id: Id, name: string): void {
    this.#options.workspace.requireWrite();
    Object.assign(this.summary(id), { name });
    this.#queries.renameRun(id, name);
    this.#tell(id);
  }

  annotate(ids: readonly Id[], { notes, tags, archived }: RunAnnotation): void {
    this.#options.workspace.requireWrite();
    const change = {
      ...(notes !== undefined && { notes }),
      ...(tags !== undefined && { tags: [...new Set(tags)] }),
      ...(archived !== undefined && { archived }),
    };
    this.#options.workspace.transaction(() => {
      for (const id of ids) {
        Object.assign(this.summary(id), change);
        this.#queries.updateRun(id, change);
      }
    });
    for (const id of ids) this.#tell(id);
  }

  /** Moves runs to the bin, which is emptied when the workspace is opened next: all, or none where one is active. */
  delete(ids: readonly Id[]): void {
    this.#options.workspace.requireWrite();
    for (const id of ids)
      if (this.#active.summary(id)) throw new UserError('This run is under way: stop it before deleting it.');
    const now = Date.now();
    const gone: Id[] = [];
    this.#options.workspace.transaction(() => {
      for (const id of ids)
        if (this.#queries.setDeleted(id, now)) {
          this.#queries.updateRun(id, { queuePlace: null });
          gone.push(id);
        }
    });
    for (const id of gone) this.#options.emit({ type: 'runDeleted', id });
  }

  /** Restores runs from the bin. One that was queued is queued again, last. */
  bringBack(ids: readonly Id[]): void {
    this.#options.workspace.requireWrite();
    for (const id of ids) {
      if (!this.#queries.setDeleted(id, null)) throw unknown();
      if (this.summary(id).state === 'queued')
        this.#queries.updateRun(id, { queuePlace: this.#lastPlace() + 1 });
      this.#tell(id);
    }
    this.#drain();
  }

  /** Empties the bin; the next sweep removes the files. */
  purge(): void {
    const { workspace } = this.#options;
    workspace.transaction(() => {
      for (const id of this.#queries.purge()) workspace.removals.note('runs', id);
    });
  }

  /** Resolves when the run's thread has ended and everything is recorded. */
  async ended(id: Id): Promise<void> {
    await this.#active.get(id)?.ended;
  }

  /** Stops active runs with a checkpoint; queued ones stay queued. */
  async close(): Promise<void> {
    this.#drains = false;
    await this.#active.stop();
  }

  #extend(id: Id, epochs: number): void {
    const record = this.record(id);
    const { document, settings, steps, epochs: former, name } = record;
    if (this.#active.summary(id))
      throw new UserError(`${name} is under way: its end can be moved when it has ended.`);
    lastCheckpoint(this.#options.workspace, record);
    if (epochs <= former) throw new UserError(`${name} has ${former} epochs: it goes on to more than those.`);
    this.#options.workspace.requireWrite();
    this.#queries.updateRun(id, {
      document: { ...document, training: { ...document.training, epochs } },
      settings: { ...settings, epochs },
      epochs,
      steps: Math.round((steps / former) * epochs),
      state: 'queued',
      endedAt: null,
      error: null,
      queuePlace: this.#lastPlace() + 1,
    });
  }

  /** @throws UserError where it cannot be trained */
  #insert(planned: PlannedRun, place: Pick<RunRecord, 'state' | 'queuePlace'>, dataOf = this.#dataOf): Id {
    this.#options.workspace.requireWrite();
    const { dataset, name } = planned.document;
    if (!dataset) throw new UserError('Choose a dataset to train on first.');
    const record = recordOf(planned, dataOf(dataset), planned.name ?? this.#freeName(name));
    const datasetId = this.#options.workspace.datasets.byName(dataset)?.id ?? null;
    const { name: backend, title: computes } = computedBy(planned.document.training.computing.backend);
    const workers = String(threadsOf(planned.document, this.#options.workers));
    const began = planned.origin === undefined ? startingDigest(planned.document) : {};
    const environment = { ...this.#options.environment, ...began, workers, backend, computes };
    this.#queries.insertRun({ ...record, ...place, datasetId, environment });
    return record.id;
  }

  readonly #dataOf = (dataset: string): TrainingData => this.#options.datasets.trainingData(dataset);

  /** Starts the first queued run, if none is active. One that cannot start gets an error, and the next is tried. */
  #drain(): void {
    while (this.#drains && this.#active.count === 0) {
      const [id] = this.#queries.queue();
      if (id === undefined) return;
      try {
        this.#follower?.begins();
        this.#active.begin(this.record(id), {});
      } catch (error) {
        if (!this.#failQueued(id, explained(error, this.#options.workspace.folder))) return;
      }
    }
  }

  /**
   * Records why a queued run cannot start, even for a defect, which would recur at every opening of the workspace.
   * @returns false where the disk prevents that
   */
  #failQueued(id: Id, error: Error): boolean {
    try {
      if (error instanceof DiskTrouble) throw error;
      if (!(error instanceof UserError)) reportDefect('A run that waited', error);
      const change = {
        state: 'failed',
        error: error.message,
        endedAt: Date.now(),
        queuePlace: null,
      } as const;
      this.#queries.updateRun(id, change);
      this.#tell(id);
      return true;
    } catch (refused) {
      const said = explained(refused, this.#options.workspace.folder);
      if (!(said instanceof DiskTrouble)) throw said;
      warn(said.message);
      setTimeout(() => this.#drain(), DISK_RETRY_MS).unref();
      return false;
    }
  }

  #lastPlace(): number {
    const last = this.#queries.queue().at(-1);
    return last === undefined ? 0 : (this.#queries.summary(last)?.queuePlace ?? 0);
  }

  #requireQueued(id: Id): void {
    const { state, name } = this.summary(id);
    if (state !== 'queued') throw new UserError(`${name} does not wait any more.`);
  }

  #training(id: Id): ActiveRun {
    const training = this.#active.get(id);
    if (!training) throw new UserError(`${this.summary(id).name} is not under way.`);
    return training;
  }

  #freeName(stem: string): string {
    for (let i = 1; ; i++) if (!this.#queries.isNameTaken(`${stem} ${i}`)) return `${stem} ${i}`;
  }

  #tell(id: Id, summary: RunSummary = this.summary(id)): void {
    this.#options.emit({ type: 'run', run: { ...summary } });
  }
}

function unknown(): UserError {
  return new UserError('This run is not here any more: it was deleted.');
}
