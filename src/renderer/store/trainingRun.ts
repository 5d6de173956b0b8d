/** Starting and steering runs; and whether the open document can be trained, before it is tried. */
import { useMemo } from 'react';
import { create } from 'zustand';
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { Diagnosis } from '../../engine/graph/diagnosis.ts';
import type { NodeId, ProjectDocument } from '../../engine/graph/document.ts';
import { goTo } from './activePage.ts';
import { flush } from './autosave.ts';
import { studio } from './connection.ts';
import { obstaclesOf } from './derive.ts';
import { useDocument } from './openDocument.ts';
import { byRecency, isActive, useStudio } from './studioState.ts';

interface TrainingState {
  /** Settings as they were typed, where the document cannot hold them; by the field's name. */
  drafts: Readonly<Record<string, number | string>>;
  /** What Train shows: what a run would take, or a run; null before anybody chose. */
  view: 'prepare' | 'run' | null;
  /** The run that Train shows, where one was chosen. */
  shown: Id | null;
  /** Whether a start is on its way to the studio. */
  starting: boolean;
}

export const useTraining = create<TrainingState>(() => ({
  drafts: {},
  view: null,
  shown: null,
  starting: false,
}));

/** What was typed and chosen was for the project before. */
export function forgetTraining(): void {
  useTraining.setState({ drafts: {}, view: null, shown: null });
}

/** Keeps what was typed into a field of the settings and the document cannot hold; undefined: it can. */
export function keepDraft(field: string, typed: number | string | undefined): void {
  const { [field]: _before, ...others } = useTraining.getState().drafts;
  useTraining.setState({ drafts: typed === undefined ? others : { ...others, [field]: typed } });
}

/** Train shows this run from now on. */
export function showRun(id: Id): void {
  useTraining.setState(({ view }) => ({ shown: id, view: view === 'prepare' ? 'run' : view }));
}

/** What keeps the open document from being trained; empty where nothing does. */
export function useObstacles(): readonly Diagnosis[] {
  const { document, wholeInference } = useDocument();
  const datasets = useStudio(state => state.datasets);
  return obstaclesOf(document, wholeInference, chosenDataset(document, datasets));
}

export function chosenDataset(
  document: ProjectDocument,
  datasets: Readonly<Record<Id, DatasetSummary>>,
): DatasetSummary | undefined {
  return Object.values(datasets).find(({ name }) => name === document.dataset);
}

/**
 * ▶: trains the open project, and shows it; shows what is in the way where something is. A dataset that is still
 * being imported is waited for: at the first start, the sample may be drawn yet. Rejects where the studio refuses.
 * @returns the run that is under way already and shown instead; null where there is none
 */
export async function startTraining(): Promise<RunSummary | null> {
  goTo('train');
  const { project, document } = useDocument.getState();
  const active = byRecency(useStudio.getState().runs).find(isActive);
  if (active) {
    useTraining.setState({ shown: active.id, view: 'run' });
    return active;
  }
  if (project === null || useTraining.getState().starting) return null;
  useTraining.setState({ starting: true });
  let run: RunSummary | undefined;
  try {
    await settled(document.dataset);
    run = await start(project);
  } finally {
    useTraining.setState(state => ({
      starting: false,
      shown: run?.id ?? state.shown,
      view: run ? 'run' : 'prepare',
    }));
  }
  return null;
}

/** Trains the open project from the weights of a run, and shows it. Rejects where the studio refuses. */
export async function fineTuneFrom(
  origin: Id,
  manner: { frozen: NodeId[]; learningRate: number },
): Promise<void> {
  const { project } = useDocument.getState();
  if (project === null) return;
  await flush();
  const run = await studio().fineTune({ project, origin, ...manner });
  showRun(run.id);
  goTo('train');
}

/** Starts a run of the project as it is now; undefined where something is in the way, which the form shows. */
async function start(project: Id): Promise<RunSummary | undefined> {
  const { document, wholeInference } = useDocument.getState();
  const dataset = chosenDataset(document, useStudio.getState().datasets);
  const blocked = obstaclesOf(document, wholeInference, dataset);
  if (blocked.length > 0 || Object.keys(useTraining.getState().drafts).length > 0) return undefined;
  await flush();
  return studio().startRun({ project, name: null });
}

/** Whether no dataset of this name is being imported. */
export function isSettled(name: string | null): boolean {
  const datasets = Object.values(useStudio.getState().datasets);
  return !datasets.some(dataset => dataset.name === name && dataset.state === 'importing');
}

/** Resolves when that is so. */
export function settled(name: string | null): Promise<void> {
  return new Promise(resolve => {
    if (isSettled(name)) return resolve();
    const unsubscribe = useStudio.subscribe(() => {
      if (!isSettled(name)) return;
      unsubscribe();
      resolve();
    });
  });
}

/** The run that Train shows: the one chosen, else one that is under way, else this project's latest. */
export function useShownRun() {
  const shown = useTraining(state => state.shown);
  const runs = useStudio(state => state.runs);
  const project = useDocument(state => state.project);
  return useMemo(() => {
    const latest = byRecency(runs);
    const chosen = shown === null ? undefined : runs[shown];
    return chosen ?? latest.find(isActive) ?? latest.find(run => run.project === project);
  }, [shown, runs, project]);
}

/** The run that computes now, if one does. */
export function useActiveRun() {
  const runs = useStudio(state => state.runs);
  return useMemo(() => byRecency(runs).find(isActive), [runs]);
}
