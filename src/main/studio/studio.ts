/**
 * The studio: projects, datasets and runs of one workspace, served to any number of windows, independent of host and
 * transport.
 */
import { cpus } from 'node:os';
import type { Channel } from '../../bridge/channels/channel.ts';
import type { Snapshot, StudioCalls, StudioEvent } from '../../bridge/contract.ts';
import { isUserFault } from '../../bridge/faults.ts';
import type { Id } from '../../bridge/ids.ts';
import { connectStudio } from '../../bridge/rpc.ts';
import { unpackRuns } from '../../bridge/runPages.ts';
import { setFrozen } from '../../engine/graph/freezing.ts';
import { chooseBackend } from '../../engine/runtime/chooseBackend.ts';
import { reportDefect, warn } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { answersOf } from './callTypes.ts';
import { countPixels } from './datasets/cache/maskCounts.ts';
import type { StudioOptions } from './hostProtocol.ts';
import { Media } from './media.ts';
import { Outbox } from './outbox.ts';
import { repeated } from './plannedRun.ts';
import { restore } from './runProject.ts';
import type { Runs } from './runService.ts';
import { makeSample } from './sampleProjects.ts';
import { openServices, type Services } from './services.ts';
import { startingFrom } from './startingWeights.ts';
import { guard } from './validateCalls.ts';

export interface Studio {
  /** Serves a window until its channel closes. */
  connect(channel: Channel): void;
  readonly media: Media;
  /** Stops runs with a checkpoint, then closes the workspace. */
  close(): Promise<void>;
}

/**
 * Opens a workspace, with the samples where it is new.
 *
 * @throws UserError where it cannot be opened, naming who has it open
 */
export async function openStudio(options: StudioOptions): Promise<Studio> {
  const listeners = new Set<(event: StudioEvent) => void>();
  const channels = new Set<Channel>();
  const emit = (event: StudioEvent) => {
    for (const listener of listeners) listener(event);
  };
  // One core is left to the window.
  const workers = options.workers ?? Math.max(1, cpus().length - 1);
  const services = await openServices({ ...options, workers, yields: true, what: 'a studio', emit });
  const { projects, datasets, runs, workspace } = services;
  const backend = chooseBackend('auto');
  if (backend.note) warn(`${backend.note} The engine computes with ${backend.title}.`);
  makeSample(workspace, projects, datasets);
  services.startQueue();
  const ended = noticeOf(
    options.restarted,
    services.interrupted.map(run => run.name),
    services.unclaimed,
  );
  let notice = [workspace.notice, ended].filter(each => each !== null).join(' ') || null;
  const noticeOnce = () => {
    const said = notice;
    notice = null;
    return said;
  };
  const calls = guard(
    {
      ...callsOf(services),
      snapshot: async (): Promise<Snapshot> => ({
        environment: {
          backend: backend.title,
          backendNote: backend.note,
          workers,
          workspace: workspace.folder,
          version: VERSION,
          roots: options.roots,
        },
        projects: projects.list(),
        datasets: datasets.list(),
        ...firstRuns(runs),
        jobs: datasets.jobs(),
        library: services.library.list(),
        rateSearch: services.trials.search,
        notice: noticeOnce(),
      }),
    },
    workspace.folder,
  );
  return {
    connect(channel) {
      const window = connectStudio(channel, calls, (error, call) => {
        // User errors are shown where they occur; defects are logged, too.
        if (!isUserFault(error.name)) reportDefect(call, error);
      });
      const outbox = new Outbox(event => window.event.asEvent(event));
      const listener = (event: StudioEvent) => outbox.put(event);
      listeners.add(listener);
      channels.add(channel);
      channel.onClose(() => {
        listeners.delete(listener);
        channels.delete(channel);
      });
    },
    media: new Media(datasets, workspace.folder),
    async close() {
      // There is no database for calls from now on.
      for (const channel of channels) channel.close();
      await services.close();
    },
  };
}

/** Small enough that reading a page does not delay the window. */
const RUNS_PER_PAGE = 200;

/** The first page: the newest runs, and active ones however old. */
function firstRuns(runs: Runs): Pick<Snapshot, 'runs' | 'earlierRuns'> {
  const page = runs.page(null, RUNS_PER_PAGE);
  const newest = unpackRuns(page);
  const others = runs.active().filter(({ id }) => !newest.some(run => run.id === id));
  return { runs: [...newest, ...others], earlierRuns: page.next };
}

/** The calls that pass on to a service. */
function callsOf(services: Services) {
  const { projects, datasets, runs, runAnswers, sweeps, trials, library, explain, lab } = services;
  /** A project's document, once its dataset's cache is complete. */
  const withImages = async (project: Id) => {
    const { document } = projects.get(project);
    if (document.dataset !== null) await datasets.ensureCache(document.dataset);
    return document;
  };
  return answersOf<Omit<StudioCalls, 'snapshot'>>()({
    createProject: async document => projects.create(document),
    openProject: async id => projects.open(id),
    updateProject: async (id, document, version) => projects.update(id, document, version),
    saveProject: async id => projects.save(id),
    deleteProject: async id => projects.delete(id),
    importProject: async text => projects.importProject(text),
    exportProject: async id => projects.exportProject(id),
    forecast: async document => trials.forecast(document),
    preflight: async document => trials.preflight(document),
    findLearningRate: async ({ project }) => trials.findRate(project, projects.get(project).document),
    cancelTrial: async () => trials.cancel(),
    keepBlock: async block => library.keep(block),
    deleteLibraryBlock: async id => library.delete(id),

    listFolder: async path => datasets.listFolder(path),
    importDataset: async source => datasets.importDataset(source),
    recogniseFolder: async path => datasets.recogniseFolder(path),
    renewDataset: async id => datasets.renewDataset(id),
    editImages: async (id, edits) => datasets.editImages(id, edits),
    splitDataset: async (id, rule) => datasets.splitDataset(id, rule),
    restoreVersion: async (id, version) => datasets.restoreVersion(id, version),
    clearCache: async id => datasets.clearCache(id),
    previewAugmentations: async (id, preview) => datasets.previewAugmentations(id, preview),
    beginUpload: async name => datasets.beginUpload(name),
    finishUpload: async upload => datasets.finishUpload(upload),
    cancelUpload: async upload => datasets.cancelUpload(upload),
    dataset: async id => datasets.detail(id),
    maskCounts: async id => {
      await datasets.ensureCache(id);
      return datasets.reading(id, countPixels);
    },
    datasetImages: async (id, query) => datasets.images(id, query),
    datasetImage: async (id, index) => datasets.imageFacts(id, index),
    deleteDataset: async id => datasets.delete(id),
    cancelJob: async id => datasets.cancelJob(id),

    startRun: async ({ project, name }) => {
      trials.cancel();
      return runs.start({ document: await withImages(project), project, name });
    },
    pauseRun: async id => runs.pause(id),
    resumeRun: async id => {
      trials.cancel();
      await datasets.ensureCache(runs.detail(id).dataset);
      runs.resume(id);
    },
    stopRun: async id => runs.stop(id),
    setLearningRate: async (id, learningRate) => runs.setLearningRate(id, learningRate),
    run: async id => runs.detail(id),
    earlierRuns: async after => runs.page(after, RUNS_PER_PAGE),
    runMetrics: async (id, after) => runs.metrics(id, after),
    runHealth: async (id, after) => runs.health(id, after),
    runEvaluation: async (id, split) => runAnswers.evaluation(id, split),
    runSamples: async id => runAnswers.samples(id),
    renameRun: async (id, name) => runs.rename(id, name),
    queueRuns: async ({ project, seeds }) => {
      runs.enqueue(repeated({ document: await withImages(project), project, name: null }, seeds));
    },
    fineTune: async ({ project, origin, frozen, learningRate }) => {
      const { graph, training, ...rest } = startingFrom(
        services.workspace,
        await withImages(project),
        runs.record(origin),
      );
      const document = {
        ...rest,
        graph: setFrozen(graph, frozen, true),
        training: { ...training, learningRate },
      };
      const [id] = runs.enqueue([{ document, project, name: null, origin }]);
      return runs.summary(id!);
    },
    extendRun: async (id, epochs) => runs.extend([id], epochs),
    moveQueued: async (id, before) => runs.moveQueued(id, before),
    cancelQueued: async ids => runs.cancelQueued(ids),
    startSweep: async ({ project, name, plan }) => {
      sweeps.start({ document: await withImages(project), project, name, plan });
    },
    restoreRun: async id => restore(services, id),
    answeredImages: async (id, query) => runAnswers.images(id, query),
    pairedAnswers: async (first, second, split) => runAnswers.paired(first, second, split),
    annotateRuns: async (ids, annotation) => runs.annotate(ids, annotation),
    deleteRuns: async ids => runs.delete(ids),
    bringBackRuns: async ids => runs.bringBack(ids),

    explain: (task, question) => explain.ask(task, question),
    runLab: (task, question) => lab.run(task, question),
    cancelExplain: async task => {
      explain.cancel(task);
      lab.cancel(task);
    },
  });
}

function noticeOf(
  restarted: boolean,
  interrupted: readonly string[],
  unclaimed: string | null,
): string | null {
  const said: string[] = [];
  if (restarted) said.push('The studio process had stopped and was started again.');
  else if (interrupted.length > 0) said.push('The studio did not end properly.');
  if (interrupted.length > 0)
    said.push(`Interrupted: ${interrupted.join(', ')}. Resume from Runs, from the last checkpoint.`);
  if (unclaimed !== null) said.push(unclaimed);
  return said.length > 0 ? said.join(' ') : null;
}
