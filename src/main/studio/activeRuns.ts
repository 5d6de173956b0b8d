/**
 * The running trainings. Each message is recorded before its event is sent, so that what a window has seen is on the
 * disk. One run trains at a time, as two would share the same cores.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StudioEvent } from '../../bridge/contract.ts';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { TrainerHandle } from '../../engine/runtime/trainerHandle.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import { idFolder } from '../database/idFolders.ts';
import type { RunRecord } from '../database/runRecords.ts';
import type { Workspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';
import { ActiveRun } from './activeRun.ts';
import { lastCheckpoint } from './checkpoints.ts';
import { FEATURE_BUDGET, makeRoom } from './datasets/cache/featureFiles.ts';
import type { Datasets } from './datasets/datasetService.ts';
import { backendOf, threadsOf } from './runBackend.ts';
import { record } from './runRecorder.ts';
import { startingWeights } from './startingWeights.ts';

interface ActiveRunsOptions {
  workspace: Workspace;
  datasets: Datasets;
  emit: (event: StudioEvent) => void;
  workers: number;
  yields: boolean;
  /** Its last message is recorded; the thread may still be running. */
  onEnd: (run: RunSummary) => void;
  /** A thread has ended, so that another run can start. */
  onFree: () => void;
}

export interface Watching {
  /** Steps between two checkpoints; by default a time interval. */
  checkpointSteps?: number | undefined;
  /** Called with every message of the trainer, after it was recorded. */
  onMessage?: ((message: TrainerMessage) => void) | undefined;
}

/** The files that a trainer starts from. */
interface Beginning {
  /** A checkpoint of this run. */
  resumeFrom: string | null;
  /** Weights that it starts from. */
  initialFrom: string | null;
}

export class ActiveRuns {
  readonly #options: ActiveRunsOptions;
  readonly #active = new Map<Id, ActiveRun>();

  constructor(options: ActiveRunsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#active.size;
  }

  summaries(): RunSummary[] {
    return [...this.#active.values()].map(({ summary }) => summary);
  }

  summary(id: Id): RunSummary | undefined {
    return this.#active.get(id)?.summary;
  }

  get(id: Id): ActiveRun | undefined {
    return this.#active.get(id);
  }

  /** @throws UserError where a run is active */
  refuseSecond(): void {
    const [other] = this.#active.values();
    if (other)
      throw new UserError(`${other.summary.name} is under way: stop it before starting another run.`);
  }

  /** Resolves when the threads of all active runs have ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#active.values()].map(({ ended }) => ended));
  }

  /** Stops all runs, each with a checkpoint. */
  async stop(): Promise<void> {
    const ended = this.ended();
    for (const run of this.#active.values()) run.close();
    await ended;
  }

  /**
   * Starts or resumes a recorded run, from its last intact checkpoint if it has one.
   *
   * @throws UserError where it has checkpoints but none is intact, or the initial weights are missing
   */
  begin(run: RunRecord, { checkpointSteps, onMessage }: Watching): RunSummary {
    const { id } = run;
    const { workspace, datasets, onEnd, onFree } = this.#options;
    const { splits } = datasets.trainingData(run.dataset, run.dataFingerprint);
    const stepsPerEpoch = Math.ceil(splits.train.length / run.document.training.batchSize);
    let beginning = this.#rewind(run);
    const summary = workspace.runs.summary(id)!;
    const active = new ActiveRun({
      summary,
      folder: workspace.folder,
      launch: hear => new TrainerHandle(this.#optionsFor(run, beginning, checkpointSteps), hear),
      record: message => record(workspace, summary, message, stepsPerEpoch),
      mendCache: async () => {
        await datasets.mendCache(run.dataset);
        beginning = this.#rewind(run);
      },
      onChange: message => {
        this.#tell(summary);
        if (message?.type === 'features' && message.refused === null)
          void makeRoom(join(workspace.folder, 'datasets'), message.path, message.bytes);
        if (message) onMessage?.(message);
      },
      onOver: () => {
        this.#active.delete(id);
        onEnd(summary);
      },
    });
    this.#active.set(id, active);
    void active.ended.then(onFree);
    this.#tell(summary);
    return summary;
  }

  /** Goes back to the last intact checkpoint: later records are deleted and trained again. */
  #rewind(run: RunRecord): Beginning {
    const { workspace, emit } = this.#options;
    const { id } = run;
    const { checkpoint, path, note } = lastCheckpoint(workspace, run);
    const initial = checkpoint ? null : startingWeights(workspace, run);
    const step = checkpoint?.step ?? 0;
    const change = { state: 'running', error: null, endedAt: null, step, queuePlace: null } as const;
    // A queued run starts now; a resumed one keeps its start time.
    const began = checkpoint ? {} : { startedAt: Date.now() };
    workspace.transaction(() => {
      workspace.runs.deleteCheckpointsAfter(id, 'last', step);
      workspace.runs.truncateMetrics(id, step);
      workspace.runs.updateRun(id, { ...change, ...began });
    });
    for (const message of [note, initial?.note]) if (message) emit({ type: 'notice', message });
    return { resumeFrom: path, initialFrom: initial?.path ?? null };
  }

  #optionsFor(
    run: RunRecord,
    beginning: Beginning,
    checkpointSteps: number | undefined,
  ): ConstructorParameters<typeof TrainerHandle>[0] {
    const { workspace, datasets, workers, yields } = this.#options;
    const folder = idFolder(workspace.folder, 'runs', run.id);
    mkdirSync(folder, { recursive: true });
    const data = datasets.trainingData(run.dataset, run.dataFingerprint);
    return {
      document: run.document,
      data,
      // Where the dataset's cache is.
      features: { path: dirname(data.imagesPath), most: FEATURE_BUDGET },
      backend: backendOf(run.environment),
      threads: threadsOf(run.document, workers),
      yields,
      folder,
      ...beginning,
      ...(checkpointSteps !== undefined && { checkpointSteps }),
    };
  }

  #tell(run: RunSummary): void {
    this.#options.emit({ type: 'run', run: { ...run } });
  }
}
