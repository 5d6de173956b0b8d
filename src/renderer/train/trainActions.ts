/** What a person does with training: start, steer, look for a rate. Each complains by itself where it fails. */
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { type Pretrained, pretrained } from '../../engine/graph/pretrained.ts';
import { fineTuned } from '../../engine/zoo/fromPretrained.ts';
import { flush } from '../store/autosave.ts';
import { studio } from '../store/connection.ts';
import { edit, endGesture, useDocument } from '../store/openDocument.ts';
import { fineTuneFrom, startTraining } from '../store/trainingRun.ts';
import { attempt, offer, showMessage } from '../ui/toast.tsx';

/** ▶ */
export async function train(): Promise<void> {
  const active = await attempt(startTraining, 'Training did not start');
  if (active)
    offer(`${active.name} is under way; one run trains at a time.`, 'Train this one after it', trainLater);
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

/**
 * The pretrained weights that the open project begins with, where it can be fine-tuned from this run of it; a run that
 * began with another's weights was fine-tuned already.
 * @param start the weights that the open project begins with
 */
export function fineTunable(
  { project, state, origin }: RunSummary,
  open: Id | null,
  start: string,
): Pretrained | undefined {
  return state === 'finished' && project === open && origin === null ? pretrained(start) : undefined;
}

/**
 * Fine-tunes the open project from a run of it in which the head alone was trained: the last stages of the backbone
 * learn, too, at smaller rates. What changes in the project is one step of undo.
 */
export async function fineTuneStages(origin: RunSummary, weights: Pretrained): Promise<void> {
  const { project, document } = useDocument.getState();
  if (project === null) return;
  const opened = fineTuned(document, weights);
  if ('refusal' in opened) return showMessage(opened.refusal);
  endGesture();
  edit(() => opened.document);
  const { learningRate } = opened.document.training;
  const start = () => fineTuneFrom(origin.id, { frozen: [], learningRate });
  await attempt(start, `${document.name} is not fine-tuned`);
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
