/** Starting and steering runs; and whether the open document can be trained, before it is tried. */
import { useMemo } from 'react';
import { create } from 'zustand';
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { Diagnosis } from '../../engine/graph/diagnosis.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { attempt, offer, showMessage } from '../ui/toast.tsx';
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
 * being imported is waited for: at the first start, the sample may be drawn yet.
 */
export async function train(): Promise<void> {
  goTo('train');
  const { project, document } = useDocument.getState();
  const active = byRecency(useStudio.getState().runs).find(isActive);
  if (active) {
    useTraining.setState({ shown: active.id, view: 'run' });
    offer(`${active.name} is under way; one run trains at a time.`, 'Train this one after it', trainLater);
    return;
  }
  if (project === null || useTraining.getState().starting) return;
  useTraining.setState({ starting: true });
  await settled(document.dataset);
  const run = await attempt(() => start(project), 'Training did not start');
  useTraining.setState(state => ({
    starting: false,
    shown: run?.id ?? state.shown,
    view: run ? 'run' : 'prepare',
  }));
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

/** Puts a run of the project as it is now behind those that are under way or wait. */
export async function trainLater(): Promise<void> {
  const { project, document } = useDocument.getState();
  if (project === null) return;
  await attempt(async () => {
    await flush();
    await studio().queueRuns({ project, seeds: 1 });
    showMessage(
      `${document.name} waits for its turn, as it is now. What is changed from here on is for the next.`,
    );
  }, 'The project was not put into the queue');
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

export const pauseRun = (id: Id) => attempt(() => studio().pauseRun(id), 'The run was not paused');
export const resumeRun = (id: Id) => attempt(() => studio().resumeRun(id), 'The run did not go on');
export const stopRun = (id: Id) => attempt(() => studio().stopRun(id), 'The run was not stopped');
export const setLearningRate = (id: Id, learningRate: number) =>
  attempt(() => studio().setLearningRate(id, learningRate), 'The learning rate was not changed');

/** Tries rising learning rates on the project as it is now. */
export async function findLearningRate(): Promise<void> {
  const { project } = useDocument.getState();
  if (project === null) return;
  await attempt(async () => {
    await flush();
    await studio().findLearningRate({ project });
  }, 'No learning rate was looked for');
}

export const cancelTrial = () => attempt(() => studio().cancelTrial(), 'The search was not cancelled');

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
