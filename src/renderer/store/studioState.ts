/**
 * What the window knows of the studio: the snapshot it began with, kept up to date by events. Read-only to the
 * window: whoever wants a change calls the studio (connection.ts), and the change comes back as an event.
 */
import { create } from 'zustand';
import type { Environment, Snapshot, StudioEvent } from '../../bridge/contract.ts';
import type { DatasetSummary, Job } from '../../bridge/datasetCalls.ts';
import type { LabPoint } from '../../bridge/explainCalls.ts';
import { entriesById, type Id } from '../../bridge/ids.ts';
import type { LibraryBlock, ProjectSummary } from '../../bridge/projectCalls.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { RateSearch } from '../../bridge/trialCalls.ts';

/** `lost`: it was there, and its process stopped; the host is starting it again. */
export type ConnectionState = 'connecting' | 'ready' | 'lost';

export interface StudioState {
  connection: ConnectionState;
  environment: Environment | null;
  projects: Readonly<Record<Id, ProjectSummary>>;
  datasets: Readonly<Record<Id, DatasetSummary>>;
  runs: Readonly<Record<Id, RunSummary>>;
  /** Whether there are earlier runs, which are being read. */
  hasEarlier: boolean;
  jobs: Readonly<Record<Id, Job>>;
  library: Readonly<Record<Id, LibraryBlock>>;
  /** How far the question to Explain is that was told of last, by its task. */
  explaining: Readonly<Record<string, { done: number; total: number }>>;
  /** What the lab that was asked last has found, by variant. */
  lab: { readonly task: string; readonly points: Readonly<Record<string, readonly LabPoint[]>> };
  rateSearch: RateSearch | null;
  /** What the studio wants said once, until it is put away. */
  notice: string | null;
}

export const useStudio = create<StudioState>(() => ({
  connection: 'connecting',
  environment: null,
  projects: {},
  datasets: {},
  runs: {},
  hasEarlier: false,
  jobs: {},
  library: {},
  explaining: {},
  lab: { task: '', points: {} },
  rateSearch: null,
  notice: null,
}));

export function takeSnapshot(snapshot: Snapshot): void {
  useStudio.setState({
    connection: 'ready',
    environment: snapshot.environment,
    projects: byId(snapshot.projects),
    datasets: byId(snapshot.datasets),
    // Those known from before stay in sight until the earlier ones are read.
    runs: { ...(snapshot.earlierRuns && useStudio.getState().runs), ...byId(snapshot.runs) },
    hasEarlier: snapshot.earlierRuns !== null,
    jobs: byId(snapshot.jobs),
    library: byId(snapshot.library),
    rateSearch: snapshot.rateSearch,
    notice: snapshot.notice,
  });
}

export function takeRuns(more: readonly RunSummary[]): void {
  useStudio.setState(({ runs }) => ({ runs: { ...runs, ...byId(more) } }));
}

/** The history is whole: of the runs known before it was read, those that nobody told of again are gone. */
export function endHistory(before: StudioState['runs']): void {
  useStudio.setState(({ runs }) => {
    const kept = entriesById(runs).filter(([id, run]) => before[id] !== run);
    return { runs: Object.fromEntries(kept), hasEarlier: false };
  });
}

export function takeEvent(event: StudioEvent): void {
  useStudio.setState(state => {
    switch (event.type) {
      case 'project':
        return { projects: { ...state.projects, [event.project.id]: event.project } };
      case 'projectDeleted':
        return { projects: without(state.projects, event.id) };
      case 'dataset':
        return { datasets: { ...state.datasets, [event.dataset.id]: event.dataset } };
      case 'datasetDeleted':
        return { datasets: without(state.datasets, event.id) };
      case 'run':
        return { runs: { ...state.runs, [event.run.id]: settled(event.run, state.runs[event.run.id]) } };
      case 'runDeleted':
        return { runs: without(state.runs, event.id) };
      case 'explaining':
        return { explaining: { [event.task]: event } };
      case 'lab': {
        const { task, variant, point } = event;
        const points = state.lab.task === task ? state.lab.points : {};
        return { lab: { task, points: { ...points, [variant]: [...(points[variant] ?? []), point] } } };
      }
      case 'job':
        return { jobs: { ...state.jobs, [event.job.id]: event.job } };
      case 'rateSearch':
        return { rateSearch: event.search };
      case 'libraryBlock':
        return { library: { ...state.library, [event.block.id]: event.block } };
      case 'libraryBlockDeleted':
        return { library: without(state.library, event.id) };
      case 'notice':
        return { notice: state.notice === null ? event.message : `${state.notice} ${event.message}` };
    }
  });
}

/** Settings that did not change stay the same object, so that what is derived from them is not derived anew. */
function settled(run: RunSummary, before: RunSummary | undefined): RunSummary {
  if (!before) return run;
  const names = Object.keys(run.settings);
  const isSame =
    names.length === Object.keys(before.settings).length &&
    names.every(name => run.settings[name] === before.settings[name]);
  return isSame ? { ...run, settings: before.settings } : run;
}

export function dismissNotice(): void {
  useStudio.setState({ notice: null });
}

/** Whether a run computes or waits to go on. */
export function isActive(run: RunSummary): boolean {
  return run.state === 'running' || run.state === 'paused';
}

/** Latest first. */
export function byRecency(runs: StudioState['runs']): RunSummary[] {
  return Object.values(runs).sort((a, b) => b.startedAt - a.startedAt);
}

function byId<T extends { id: Id }>(items: readonly T[]): Record<Id, T> {
  return Object.fromEntries(items.map(item => [item.id, item]));
}

function without<T>(items: Readonly<Record<Id, T>>, id: Id): Record<Id, T> {
  const { [id]: _gone, ...rest } = items;
  return rest;
}
