/** The services of a workspace, for the studio and the command line. */
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
  /** Runs that a crashed process left active, now marked `crashed`. */
  readonly interrupted: readonly RunSummary[];
  /** A sentence about files that were unknown to the database and set aside; null for none. */
  readonly unclaimed: string | null;
  /** Starts queued runs, now and from now on. Called by a studio, not by commands. */
  startQueue(): void;
  /** Stops runs with a checkpoint, then closes the workspace. */
  close(): Promise<void>;
}

export interface ServicesOptions {
  workspace: string;
  roots: string[];
  /** Threads of the engine. */
  workers: number;
  /** Whether a window is open, which has priority. */
  yields: boolean;
  /** The program, for messages of the lock. */
  what: string;
  emit: (event: StudioEvent) => void;
}

/** Milliseconds between two checks whether today's backup exists. */
const BACKUP_INTERVAL_MS = 3_600_000;

/** @throws UserError where the workspace cannot be opened for writing, naming who has it open */
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
  // For studios that stay open for days; others are backed up when they close.
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
