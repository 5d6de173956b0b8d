/**
 * What the window and the studio say to each other: types, no code. The studio checks every call with zod at
 * its door (main/studio/validateCalls.ts); the transport is rpc.ts over a Channel.
 *
 * Events carry whole summaries, never differences, so that a lost one is mended by the next, and a client that
 * was away asks for a snapshot.
 */
import type { DatasetCalls, DatasetSummary, Job } from './datasetCalls.ts';
import type { ExplainCalls, LabPoint, LabVariant } from './explainCalls.ts';
import type { Id } from './ids.ts';
import type { LibraryBlock, ProjectCalls, ProjectSummary } from './projectCalls.ts';
import type { RunCalls, RunCursor, RunSummary } from './runCalls.ts';
import type { RateSearch, TrialCalls } from './trialCalls.ts';

export interface Environment {
  /** How the engine computes where nothing else is asked for: `native, AVX-512`. */
  backend: string;
  /** Why it is not the fastest way; null where it is. */
  backendNote: string | null;
  workers: number;
  workspace: string;
  version: string;
  /** Roots that folders can be picked from; empty where any folder can. */
  roots: string[];
}

/** All that a window shows before anything is opened. */
export interface Snapshot {
  environment: Environment;
  projects: ProjectSummary[];
  datasets: DatasetSummary[];
  /** The newest, and those under way. */
  runs: RunSummary[];
  /** Where the earlier ones begin, which are asked for page by page; null where there are none. */
  earlierRuns: RunCursor | null;
  jobs: Job[];
  library: LibraryBlock[];
  /** The last one, ended or under way. */
  rateSearch: RateSearch | null;
  /** A sentence to show once, and given once: the studio had crashed, and which runs were interrupted. */
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
  /** A sentence to show, about something that went otherwise than asked for. */
  | { type: 'notice'; message: string };

/** What the studio calls in the window. */
export interface WindowCalls {
  event(event: StudioEvent): void;
}
