/**
 * Runs: started, steered, recorded. Every message of a trainer becomes rows first and an event after, so that
 * what a window has seen is on disk. One run trains at a time: two would only share the same cores.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Id, RunDetail, RunHealth, RunMetrics, RunSummary, StudioEvent } from '../../bridge/contract.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import { diagnoseTraining } from '../../engine/graph/trainability.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import { Training } from '../../engine/runtime/training.ts';
import type { TrainingData } from '../../engine/runtime/trainingData.ts';
import { newId } from '../database/ids.ts';
import type { RunChange } from '../database/runs.ts';
import type { Workspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';
import type { Datasets } from './datasets/datasets.ts';

export interface RunsOptions {
  workspace: Workspace;
  datasets: Datasets;
  emit: (event: StudioEvent) => void;
  /** Threads of the engine. */
  workers: number;
  /** What a run remembers of the machine and the program. */
  environment: Record<string, string>;
}

export interface StartOptions {
  document: ProjectDocument;
  /** The project that it belongs to; null for a run from the command line. */
  project: Id | null;
  /** Null: the project's name and a number. */
  name: string | null;
  /** Steps between two checkpoints; without it, some seconds. */
  checkpointSteps?: number | undefined;
  /** Gets every message of the trainer, after it was recorded. */
  onMessage?: (message: TrainerMessage) => void;
}

interface TrainOptions extends Pick<StartOptions, 'checkpointSteps'> {
  readonly resumeFrom: string | null;
  readonly onMessage?: ((message: TrainerMessage) => void) | undefined;
}

/** A run under way. */
interface Active {
  readonly training: Training;
  readonly summary: RunSummary;
  readonly stepsPerEpoch: number;
}

export class Runs {
  readonly #options: RunsOptions;
  readonly #active = new Map<Id, Active>();

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  get #queries() {
    return this.#options.workspace.runs;
  }

  /** The newest first. */
  list(): RunSummary[] {
    return this.#queries.listRuns().map(run => this.#active.get(run.id)?.summary ?? run);
  }

  /** Those that compute or are paused. */
  active(): RunSummary[] {
    return [...this.#active.values()].map(({ summary }) => summary);
  }

  detail(id: Id): RunDetail {
    const { datasetId: _, seed: __, ...detail } = this.#record(id);
    return { ...detail, ...this.#active.get(id)?.summary, rate: this.#active.get(id)?.summary.rate ?? 0 };
  }

  metrics(id: Id, after: { step: number; epoch: number }): RunMetrics {
    this.#record(id);
    return this.#queries.metricsAfter(id, after);
  }

  health(id: Id, after: number): RunHealth | null {
    this.#record(id);
    return this.#queries.latestHealth(id, after) ?? null;
  }

  /** @throws UserError where the document cannot be trained, saying why, or another run is under way */
  start({ document, project, name, checkpointSteps, onMessage }: StartOptions): RunSummary {
    const { workspace, environment } = this.#options;
    workspace.requireWrite();
    this.#refuseSecond();
    if (!document.dataset) throw new UserError('Choose a dataset to train on first.');
    const data = this.#options.datasets.trainingData(document.dataset);
    requireTrainable(document, document.dataset, data);
    const { epochs, batchSize, seed } = document.training;
    const summary: RunSummary = {
      id: newId(),
      name: name ?? this.#freeName(document.name),
      project,
      projectName: document.name,
      dataset: document.dataset,
      state: 'running',
      error: null,
      startedAt: Date.now(),
      endedAt: null,
      seconds: 0,
      epoch: 0,
      epochs,
      step: 0,
      steps: epochs * Math.ceil(data.splits.train.length / batchSize),
      rate: 0,
      parameters: infer(document.graph).totals.parameters,
      settings: flatSettings(document),
      metrics: {},
      weightHash: null,
    };
    const { rate: _, ...recorded } = summary;
    this.#queries.insertRun({
      ...recorded,
      datasetId: workspace.datasets.byName(document.dataset)?.id ?? null,
      seed,
      document,
      environment,
      dataFingerprint: data.fingerprint,
    });
    this.#train(summary, document, data, { resumeFrom: null, checkpointSteps, onMessage });
    return summary;
  }

  pause(id: Id): void {
    this.#activeRun(id).training.pause();
  }

  /** Lets a paused run go on, or takes up one that was stopped or interrupted, from its last checkpoint. */
  resume(id: Id, onMessage?: (message: TrainerMessage) => void): void {
    const active = this.#active.get(id);
    if (active) {
      active.training.resume();
      return;
    }
    const {
      datasetId: _,
      seed: __,
      dataFingerprint,
      document,
      environment: ___,
      ...record
    } = this.#record(id);
    if (record.state === 'finished')
      throw new UserError(`${record.name} is finished: there is nothing to resume.`);
    this.#options.workspace.requireWrite();
    this.#refuseSecond();
    const data = this.#options.datasets.trainingData(record.dataset, dataFingerprint);
    const checkpoint = this.#queries.listCheckpoints(id).find(({ kind }) => kind === 'last');
    const step = checkpoint?.step ?? 0;
    this.#queries.truncateMetrics(id, step);
    const summary: RunSummary = { ...record, state: 'running', error: null, endedAt: null, step, rate: 0 };
    this.#queries.updateRun(id, { state: 'running', error: null, endedAt: null, step });
    const from = checkpoint ? join(this.#options.workspace.folder, checkpoint.path) : null;
    this.#train(summary, document, data, { resumeFrom: from, onMessage });
  }

  stop(id: Id): void {
    this.#activeRun(id).training.stop();
  }

  setLearningRate(id: Id, learningRate: number): void {
    this.#activeRun(id).training.setLearningRate(learningRate);
  }

  rename(id: Id, name: string): void {
    this.#options.workspace.requireWrite();
    const record = this.#record(id);
    this.#queries.renameRun(id, name);
    const active = this.#active.get(id);
    if (active) active.summary.name = name;
    this.#emitRun(active?.summary ?? { ...record, name, rate: 0 });
  }

  delete(id: Id): void {
    this.#options.workspace.requireWrite();
    if (this.#active.has(id)) throw new UserError('This run is under way: stop it before deleting it.');
    this.#record(id);
    this.#queries.deleteRun(id);
    rmSync(join(this.#options.workspace.folder, folderOf(id)), { recursive: true, force: true });
    this.#options.emit({ type: 'runDeleted', id });
  }

  /** Resolves when the run's thread has ended and all is recorded. */
  async ended(id: Id): Promise<void> {
    await this.#active.get(id)?.training.ended;
  }

  /** Stops what is under way, each at a checkpoint. */
  async close(): Promise<void> {
    const active = [...this.#active.values()];
    for (const { training } of active) training.stop();
    await Promise.all(active.map(({ training }) => training.ended));
  }

  #train(
    summary: RunSummary,
    document: ProjectDocument,
    data: TrainingData,
    { resumeFrom, checkpointSteps, onMessage }: TrainOptions,
  ): void {
    const folder = join(this.#options.workspace.folder, folderOf(summary.id));
    mkdirSync(folder, { recursive: true });
    const training = new Training(
      {
        document,
        data,
        threads: this.#options.workers,
        folder,
        resumeFrom,
        ...(checkpointSteps !== undefined && { checkpointSteps }),
      },
      message => {
        this.#keep(summary, message);
        onMessage?.(message);
      },
    );
    const stepsPerEpoch = Math.ceil(data.splits.train.length / document.training.batchSize);
    this.#active.set(summary.id, { training, summary, stepsPerEpoch });
    this.#emitRun(summary);
  }

  /** Writes what a trainer says, then tells the windows. */
  #keep(summary: RunSummary, message: TrainerMessage): void {
    const change: RunChange = this.#options.workspace.transaction(() => {
      const changed = this.#changeOf(summary, message);
      this.#queries.updateRun(summary.id, changed);
      return changed;
    });
    Object.assign(summary, change);
    if (message.type === 'steps') summary.rate = message.rate;
    if (summary.state !== 'running') summary.rate = 0;
    if (message.type === 'end' || message.type === 'failed') this.#active.delete(summary.id);
    this.#emitRun(summary);
  }

  #changeOf(summary: RunSummary, message: TrainerMessage): RunChange {
    switch (message.type) {
      case 'start':
        return { steps: message.steps };
      case 'steps': {
        this.#queries.appendSteps(summary.id, message.points);
        const { step, seconds, loss, accuracy } = message.points.at(-1)!;
        const { stepsPerEpoch } = this.#active.get(summary.id)!;
        const metrics = { ...summary.metrics, 'step.loss': loss, 'step.accuracy': accuracy };
        return { step, seconds, epoch: Math.floor(step / stepsPerEpoch), metrics };
      }
      case 'epoch': {
        const { epoch, trainLoss, trainAccuracy, valLoss, valAccuracy } = message.point;
        this.#queries.appendEpoch(summary.id, message.point);
        const figures = Object.entries(message.point.metrics).map(([name, value]) => [`val.${name}`, value]);
        const validated =
          valLoss === null ? {} : { 'val.accuracy': valAccuracy!, ...Object.fromEntries(figures) };
        const trained = { 'train.loss': trainLoss, 'train.accuracy': trainAccuracy };
        return { epoch, metrics: { ...summary.metrics, ...trained, ...validated } };
      }
      case 'evaluation': {
        const { epoch, step, report } = message;
        const heads = report.heads.map(({ scores, ...head }) => ({ ...head, scores: [...scores] }));
        this.#queries.putEvaluation(summary.id, { ...report, heads, epoch, step });
        return {};
      }
      case 'samples':
        this.#queries.putSamples(summary.id, message.samples);
        return {};
      case 'health':
        this.#queries.appendHealth(summary.id, message.step, message.nodes);
        return {};
      case 'checkpoint':
        this.#keepCheckpoint(summary.id, message);
        return {};
      case 'paused':
        return { state: 'paused' };
      case 'resumed':
        return { state: 'running' };
      case 'end': {
        const { state, weightHash, seconds } = message;
        const metrics = { ...summary.metrics, ...message.metrics };
        return { state, weightHash, seconds, metrics, endedAt: Date.now() };
      }
      case 'failed':
        return { state: 'failed', error: message.message, endedAt: Date.now() };
    }
  }

  /** Records a checkpoint that is on disk; the one before it of the same kind goes. */
  #keepCheckpoint(
    run: Id,
    { kind, path, step, epoch }: Extract<TrainerMessage, { type: 'checkpoint' }>,
  ): void {
    const kept = join(folderOf(run), basename(path));
    const former = this.#queries
      .listCheckpoints(run)
      .filter(other => other.kind === kind && other.path !== kept);
    this.#queries.addCheckpoint(run, { step, epoch, path: kept, kind, createdAt: Date.now() });
    for (const other of former) {
      this.#queries.deleteCheckpoint(run, other.path);
      rmSync(join(this.#options.workspace.folder, other.path), { force: true });
    }
  }

  #record(id: Id) {
    const record = this.#queries.getRun(id);
    if (!record) throw new UserError('This run is not here any more: it was deleted.');
    return record;
  }

  #activeRun(id: Id): Active {
    const active = this.#active.get(id);
    if (!active) throw new UserError(`${this.#record(id).name} is not under way.`);
    return active;
  }

  #refuseSecond(): void {
    const [other] = this.#active.values();
    if (other)
      throw new UserError(`${other.summary.name} is under way: stop it before starting another run.`);
  }

  #freeName(stem: string): string {
    const taken = new Set(this.#queries.listRuns().map(run => run.name));
    for (let i = 1; ; i++) if (!taken.has(`${stem} ${i}`)) return `${stem} ${i}`;
  }

  #emitRun(summary: RunSummary): void {
    this.#options.emit({ type: 'run', run: { ...summary } });
  }
}

/** Where a run's checkpoints lie, relative to the workspace. */
function folderOf(run: Id): string {
  return join('runs', run);
}

/** @throws UserError with the first reason why the document cannot be trained on the dataset */
export function requireTrainable(document: ProjectDocument, dataset: string, data: TrainingData): void {
  const facts = {
    name: dataset,
    classes: data.classes,
    imageShape: data.imageShape,
    boxes: data.boxes !== undefined,
    maskClasses: data.masks?.classes ?? [],
  };
  const [diagnosis] = diagnoseTraining(document, infer(document.graph), facts);
  if (diagnosis) throw new UserError(diagnosis.message);
}

/** What can differ between two runs, flat: `optimizer.momentum`, `loss.kind` of the first loss, `loss2.kind`. */
function flatSettings({ training }: ProjectDocument): RunSummary['settings'] {
  const { optimizer, schedule, losses, augmentations, regularisation, stopping, ...plain } = training;
  const settings: RunSummary['settings'] = { ...plain, optimizer: optimizer.kind, schedule: schedule.kind };
  const nested: [string, object][] = [
    ['optimizer', optimizer.params],
    ['schedule', schedule.params],
    ['regularisation', regularisation],
    ['stopping', stopping],
  ];
  for (const [i, { kind, answer, params, weight }] of losses.entries()) {
    const name = i === 0 ? 'loss' : `loss${i + 1}`;
    settings[name] = kind;
    nested.push([name, losses.length > 1 ? { answer, share: weight, ...params } : params]);
  }
  if (augmentations.length > 0) settings.augmentations = augmentations.map(({ kind }) => kind).join(', ');
  for (const [i, { kind, params }] of augmentations.entries())
    nested.push([`augmentation${i + 1}.${kind}`, params]);
  for (const [name, params] of nested) {
    for (const [key, value] of Object.entries(params) as [string, unknown][]) {
      const isPlain = typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
      settings[`${name}.${key}`] = isPlain ? value : JSON.stringify(value);
    }
  }
  return settings;
}
