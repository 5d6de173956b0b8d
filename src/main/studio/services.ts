/** Opens the services over one workspace: what the studio serves to windows and the command line uses directly. */
import { cpus } from 'node:os';
import type { StudioEvent } from '../../bridge/contract.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { openWorkspace, type Workspace } from '../database/workspace.ts';
import { explained } from '../errorSentences.ts';
import { warn } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { discardPartial } from './checkpoints.ts';
import { Datasets } from './datasets/datasetService.ts';
import { Explain } from './explain/explainService.ts';
import { Lab } from './explain/regularisationLab.ts';
import { Library } from './libraryService.ts';
import { Projects } from './projectService.ts';
import { RunAnswers } from './runAnswers.ts';
import { Runs } from './runService.ts';
import { Sweeps } from './sweepService.ts';
import { Trials } from './trialService.ts';
import { sortOutUnclaimed } from './unclaimed.ts';

export interface Services {
  readonly workspace: Workspace;
  readonly projects: Projects;
  readonly datasets: Datasets;
  readonly runs: Runs;
  readonly sweeps: Sweeps;
  readonly runAnswers: RunAnswers;
  readonly trials: Trials;
  readonly library: Library;
  readonly explain: Explain;
  readonly lab: Lab;
  /** Runs that a process that died had left under way; they are marked `crashed` now. */
  readonly interrupted: readonly RunSummary[];
  /** A sentence about what the database did not know, and was put aside; null where there was nothing. */
  readonly unclaimed: string | null;
  /** Takes up the runs that wait, now and from now on. A studio does so; a command trains what it was told to. */
  startQueue(): void;
  /** Stops runs at a checkpoint, then lets go of the workspace. */
  close(): Promise<void>;
}

export interface ServicesOptions {
  workspace: string;
  roots: string[];
  /** Threads of the engine. */
  workers: number;
  /** Whether a window is open, which they must not make stutter. */
  yields: boolean;
  /** Who opens it, for the sentence that a second one gets. */
  what: string;
  emit: (event: StudioEvent) => void;
}

/** Milliseconds between two looks whether today's backup is made. */
const BACKUP_INTERVAL_MS = 3_600_000;

/** @throws UserError where the workspace cannot be opened to write, naming who else has it */
export async function openServices(options: ServicesOptions): Promise<Services> {
  const workspace = openWorkspace(options.workspace, { mode: 'write', what: options.what });
  try {
    return await servicesOver(workspace, options);
  } catch (error) {
    workspace.close();
    throw explained(error, options.workspace);
  }
}

async function servicesOver(workspace: Workspace, options: ServicesOptions): Promise<Services> {
  const { roots, workers, yields, emit } = options;
  const { folder } = workspace;
  const interrupted = workspace.runs.markInterrupted();
  for (const { id } of interrupted) discardPartial(workspace, id);
  const projects = new Projects(workspace, emit);
  const datasets = new Datasets(workspace, emit, roots);
  datasets.recover();
  const environment = {
    version: VERSION,
    workers: String(workers),
    cpu: cpus()[0]?.model ?? 'unknown',
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
  const runs = new Runs({ workspace, datasets, emit, workers, yields, environment });
  runs.purge();
  workspace.removals.opened();
  await workspace.removals.sweep();
  const unclaimed = sortOutUnclaimed(workspace);
  const sweeps = new Sweeps(workspace, runs);
  const trials = new Trials({ datasets, runs, emit, workers, folder });
  const explain = new Explain({ workspace, datasets, emit, workers });
  const lab = new Lab({ datasets, emit, workers });
  // A studio may stay open for weeks; what is open for less is backed up when it closes.
  const backUp = () => void workspace.backUp().catch(error => warn(explained(error, folder).message));
  const backups = setInterval(backUp, BACKUP_INTERVAL_MS).unref();
  return {
    workspace,
    projects,
    datasets,
    runs,
    sweeps,
    runAnswers: new RunAnswers(workspace, datasets),
    trials,
    library: new Library(workspace, emit),
    explain,
    lab,
    interrupted,
    unclaimed,
    startQueue() {
      sweeps.goOn();
      runs.startQueue({ begins: () => trials.cancel(), ended: run => sweeps.advance(run) });
    },
    async close() {
      clearInterval(backups);
      await trials.close();
      await lab.close();
      await explain.close();
      await runs.close();
      await datasets.close();
      await workspace.removals.sweep();
      workspace.close('sealed');
    },
  };
}
