/**
 * The runs under way: their trainers, and what they say. Every message becomes rows first and an event after, so that
 * what a window has seen is on disk. One trains at a time: two would only share the same cores.
 */
import { mkdirSync } from 'node:fs';
import type { StudioEvent } from '../../bridge/contract.ts';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runs.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import { Training } from '../../engine/runtime/training.ts';
import { idFolder } from '../database/idFolders.ts';
import type { RunRecord } from '../database/runRecords.ts';
import type { Workspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';
import { bestWeights, lastCheckpoint } from './checkpoints.ts';
import { backendOf, threadsOf } from './computing.ts';
import type { Datasets } from './datasets/datasets.ts';
import { record } from './runRecorder.ts';

interface ActiveRunsOptions {
  workspace: Workspace;
  datasets: Datasets;
  emit: (event: StudioEvent) => void;
  workers: number;
  yields: boolean;
  /** Its last message is recorded; its thread may not have ended yet. */
  onEnd: (run: RunSummary) => void;
  /** A thread has ended: there is room for another. */
  onFree: () => void;
}

export interface Watching {
  /** Steps between two checkpoints; without it, some seconds. */
  checkpointSteps?: number | undefined;
  /** Gets every message of the trainer, after it was recorded. */
  onMessage?: ((message: TrainerMessage) => void) | undefined;
}

interface Active {
  readonly training: Training;
  readonly summary: RunSummary;
}

export class ActiveRuns {
  readonly #options: ActiveRunsOptions;
  readonly #active = new Map<Id, Active>();

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

  training(id: Id): Training | undefined {
    return this.#active.get(id)?.training;
  }

  /** @throws UserError where one is under way */
  refuseSecond(): void {
    const [other] = this.#active.values();
    if (other)
      throw new UserError(`${other.summary.name} is under way: stop it before starting another run.`);
  }

  /** Resolves when the threads of all that are under way have ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#active.values()].map(({ training }) => training.ended));
  }

  /** Stops all, each at a checkpoint. */
  async stop(): Promise<void> {
    for (const { training } of this.#active.values()) training.stop();
    await this.ended();
  }

  /**
   * Trains a run that is recorded, from its last checkpoint that is whole, where it has one.
   *
   * @throws UserError where it has some and none is whole, or the weights that it is to begin with are lost
   */
  begin(run: RunRecord, watching: Watching): RunSummary {
    const { id } = run;
    const { workspace, datasets } = this.#options;
    const data = datasets.trainingData(run.dataset, run.dataFingerprint);
    const { checkpoint, path: resumeFrom, note } = lastCheckpoint(workspace, run);
    const initial = run.origin === null || checkpoint ? null : originOf(workspace, run.origin);
    const step = checkpoint?.step ?? 0;
    workspace.transaction(() => {
      workspace.runs.deleteCheckpointsAfter(id, 'last', step);
      workspace.runs.truncateMetrics(id, step);
    });
    const change = { state: 'running', error: null, endedAt: null, step, queuePlace: null } as const;
    // What waited began now; what is taken up again began when it did.
    const began = checkpoint ? {} : { startedAt: Date.now() };
    workspace.runs.updateRun(id, { ...change, ...began });
    const summary = workspace.runs.summary(id)!;
    const stepsPerEpoch = Math.ceil(data.splits.train.length / run.document.training.batchSize);
    const { checkpointSteps, onMessage } = watching;
    const folder = idFolder(workspace.folder, 'runs', id);
    mkdirSync(folder, { recursive: true });
    const training = new Training(
      {
        document: run.document,
        data,
        backend: backendOf(run.environment),
        threads: threadsOf(run.document, this.#options.workers),
        yields: this.#options.yields,
        folder,
        resumeFrom,
        initialFrom: initial?.path ?? null,
        ...(checkpointSteps !== undefined && { checkpointSteps }),
      },
      message => {
        record(workspace, summary, message, stepsPerEpoch);
        const isOver = message.type === 'end' || message.type === 'failed';
        if (isOver) this.#active.delete(id);
        this.#tell(summary);
        onMessage?.(message);
        if (isOver) this.#options.onEnd(summary);
      },
    );
    this.#active.set(id, { training, summary });
    void training.ended.then(this.#options.onFree);
    this.#tell(summary);
    for (const message of [note, initial?.note]) if (message) this.#options.emit({ type: 'notice', message });
    return summary;
  }

  #tell(run: RunSummary): void {
    this.#options.emit({ type: 'run', run: { ...run } });
  }
}

/** The weights of the run that another begins with. */
function originOf(workspace: Workspace, origin: Id): ReturnType<typeof bestWeights> {
  return bestWeights(workspace, {
    id: origin,
    name: workspace.runs.summary(origin)?.name ?? 'The run before it',
  });
}
