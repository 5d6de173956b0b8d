/**
 * The calls and events between window and studio. Types only. The studio validates every call with zod
 * (main/studio/validateCalls.ts); the transport is rpc.ts over a Channel.
 *
 * Events carry whole summaries rather than differences, so that a lost one does no harm; a client that reconnects
 * requests a snapshot.
 */
import type { DatasetCalls, DatasetSummary, Job } from './datasetCalls.ts';
import type { ExplainCalls, LabPoint, LabVariant } from './explainCalls.ts';
import type { Id } from './ids.ts';
import type { LibraryBlock, ProjectCalls, ProjectSummary } from './projectCalls.ts';
import type { RunCalls, RunCursor, RunSummary } from './runCalls.ts';
import type { RateSearch, TrialCalls } from './trialCalls.ts';

export interface Environment {
  /** The default backend: `native, AVX-512`. */
  backend: string;
  /** Why it is not the fastest one; null where it is. */
  backendNote: string | null;
  workers: number;
  workspace: string;
  version: string;
  /** Folders that can be browsed; empty: all. */
  roots: string[];
}

/** Everything that a window shows at first. */
export interface Snapshot {
  environment: Environment;
  projects: ProjectSummary[];
  datasets: DatasetSummary[];
  /** The newest, and active ones. */
  runs: RunSummary[];
  /** Where earlier runs begin, which are loaded by pages; null for none. */
  earlierRuns: RunCursor | null;
  jobs: Job[];
  library: LibraryBlock[];
  /** The last one, ended or under way. */
  rateSearch: RateSearch | null;
  /** A message to show once, e.g. after a crash, naming interrupted runs. */
  notice: string | null;
}

export interface StudioCalls extends ProjectCalls, TrialCalls, DatasetCalls, RunCalls, ExplainCalls {
  snapshot(): Promise<Snapshot>;
}

export type StudioEvent =
  | { type: 'project'; project: ProjectSummary }
  | { type: 'projectDeleted'; id: Id }
  | { type: 'dataset'; dataset: DatasetSummary }
  | { type: 'datasetDeleted'; id: Id }
  | { type: 'run'; run: RunSummary }
  | { type: 'runDeleted'; id: Id }
  | { type: 'job'; job: Job }
  | { type: 'rateSearch'; search: RateSearch }
  | { type: 'explaining'; task: Id; done: number; total: number }
  | { type: 'lab'; task: Id; variant: LabVariant; point: LabPoint }
  | { type: 'libraryBlock'; block: LibraryBlock }
  | { type: 'libraryBlockDeleted'; id: Id }
  /** A message to show where something happened otherwise than requested. */
  | { type: 'notice'; message: string };

/** The studio's calls to the window. */
export interface WindowCalls {
  event(event: StudioEvent): void;
}
