/**
 * The studio: projects, datasets and runs of one workspace, served to any number of windows. It knows neither
 * which host it runs in nor how its windows reach it.
 */
import { cpus } from 'node:os';
import type { Channel } from '../../bridge/channels/channel.ts';
import type { Environment, Forecast, Snapshot, StudioCalls, StudioEvent } from '../../bridge/contract.ts';
import { connectStudio } from '../../bridge/rpc.ts';
import { CompileError } from '../../engine/compile/compile.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { Session } from '../../engine/runtime/session.ts';
import { compileForTraining } from '../../engine/runtime/trainer.ts';
import { openWorkspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';
import { VERSION } from '../version.ts';
import { Datasets } from './datasets/datasets.ts';
import { guard } from './door.ts';
import { respond } from './media.ts';
import type { MediaRequest, MediaResponse, StudioOptions } from './process.ts';
import { Projects } from './projects.ts';
import { Runs } from './runs.ts';
import { makeSample } from './sample.ts';

export interface Studio {
  readonly projects: Projects;
  readonly datasets: Datasets;
  readonly runs: Runs;
  /** Serves a window until its channel closes. */
  connect(channel: Channel): void;
  media(request: MediaRequest): Promise<MediaResponse>;
  /** Stops runs at a checkpoint, then lets go of the workspace. */
  close(): Promise<void>;
}

/**
 * Opens a workspace for writing.
 *
 * @throws UserError where it cannot be opened, naming who else has it
 */
export async function openStudio(options: StudioOptions, what = 'the studio'): Promise<Studio> {
  const workspace = openWorkspace(options.workspace, { mode: 'write', what });
  const listeners = new Set<(event: StudioEvent) => void>();
  const emit = (event: StudioEvent) => {
    for (const listener of listeners) listener(event);
  };
  const environment = describeEnvironment(options, workspace.folder);
  const interrupted = workspace.runs.markInterrupted();
  const projects = new Projects(workspace, emit);
  const datasets = new Datasets(workspace, emit, options.roots);
  const { workers, version, backend } = environment;
  const runs = new Runs({
    workspace,
    datasets,
    emit,
    workers,
    environment: {
      version,
      backend,
      workers: `${workers}`,
      cpu: cpus()[0]?.model ?? '',
      platform: process.platform,
    },
  });
  makeSample(workspace, projects, datasets);
  const notice = noticeOf(
    options.restarted,
    interrupted.map(run => run.name),
  );

  const calls = guard({
    ...callsOf(projects, datasets, runs, workers),
    async snapshot(): Promise<Snapshot> {
      return {
        environment,
        projects: projects.list(),
        datasets: datasets.list(),
        runs: runs.list(),
        jobs: datasets.jobs(),
        notice,
      };
    },
  });
  return {
    projects,
    datasets,
    runs,
    connect(channel) {
      const window = connectStudio(channel, calls, (error, call) => {
        // A person's fault is shown where it arose; ours belongs in the log too.
        if (!(error instanceof UserError)) console.error(`${call}:`, error);
      });
      const listener = (event: StudioEvent) => void window.event.asEvent(event);
      listeners.add(listener);
      channel.onClose(() => listeners.delete(listener));
    },
    media: request => respond(datasets, request),
    async close() {
      await runs.close();
      await datasets.close();
      workspace.close();
    },
  };
}

/** The calls that pass on to a service. */
function callsOf(
  projects: Projects,
  datasets: Datasets,
  runs: Runs,
  workers: number,
): Omit<StudioCalls, 'snapshot'> {
  return {
    createProject: async document => projects.create(document),
    openProject: async id => projects.open(id),
    updateProject: async (id, document, version) => projects.update(id, document, version),
    saveProject: async id => projects.save(id),
    deleteProject: async id => projects.delete(id),
    importProject: async text => projects.importProject(text),
    exportProject: async id => projects.exportProject(id),
    forecast: async document => forecast(document, workers),

    listFolder: async path => datasets.listFolder(path),
    importDataset: async source => datasets.importDataset(source),
    beginUpload: async name => datasets.beginUpload(name),
    finishUpload: async upload => datasets.finishUpload(upload),
    dataset: async id => datasets.detail(id),
    datasetImages: async (id, query) => datasets.images(id, query),
    deleteDataset: async id => datasets.delete(id),
    cancelJob: async id => datasets.cancelJob(id),

    startRun: async ({ project, name }) =>
      runs.start({ document: projects.open(project).document, project, name }),
    pauseRun: async id => runs.pause(id),
    resumeRun: async id => runs.resume(id),
    stopRun: async id => runs.stop(id),
    setLearningRate: async (id, learningRate) => runs.setLearningRate(id, learningRate),
    run: async id => runs.detail(id),
    runMetrics: async (id, after) => runs.metrics(id, after),
    renameRun: async (id, name) => runs.rename(id, name),
    deleteRun: async id => runs.delete(id),
  };
}

/** What training would take, to the byte. @throws UserError where the network cannot be compiled */
function forecast(document: ProjectDocument, workers: number): Forecast {
  try {
    const model = compileForTraining(document);
    const { weights, optimizer, activations } = model.sizes;
    return {
      bytes: Session.bytes(model, workers),
      weightBytes: weights,
      optimizerBytes: optimizer,
      activationBytes: activations,
    };
  } catch (error) {
    if (error instanceof CompileError) throw new UserError(error.message);
    throw error;
  }
}

/** One core is left to the window, so that it stays smooth while training. */
export function defaultWorkers(): number {
  return Math.max(1, cpus().length - 1);
}

function describeEnvironment(options: StudioOptions, workspace: string): Environment {
  return {
    backend: 'wasm',
    workers: options.workers ?? defaultWorkers(),
    workspace,
    version: VERSION,
    roots: options.roots,
  };
}

function noticeOf(restarted: boolean, interrupted: readonly string[]): string | null {
  if (interrupted.length === 0)
    return restarted ? 'The studio process had stopped and was started again.' : null;
  const runs = interrupted.join(', ');
  const what = restarted
    ? 'The studio process had stopped and was started again.'
    : 'The studio did not end properly.';
  return `${what} Interrupted: ${runs}. Resume from Runs, from the last checkpoint.`;
}
