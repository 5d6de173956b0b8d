/** Underfitting: not even the training images are learned, and the loss hardly falls any more. */

import { fallOfLast, figure, mean, percentText } from './curves.ts';
import type { Illness } from './illness.ts';
import type { ChartedRun } from './recordedRun.ts';
import { addConvolution, removeRegularisation, setRate, trainLonger, widen } from './remedies.ts';

/** Epochs that a run has had, at least. */
const EPOCHS = 5;
/** Of the loss that it began with, so much is left. */
const LEFT = 0.5;
/** A fall by so much over the last epochs is learning still. */
const FALLS = 0.08;
const RIGHT = 0.9;
/** Weights that move by less than this share of themselves creep. */
const CREEPS = 3e-4;

function creeps({ health }: ChartedRun): boolean {
  const ratios = health.flatMap(({ updateRatio }) => updateRatio ?? []);
  return ratios.length > 0 && Math.max(...ratios) < CREEPS;
}

export const underfitting: Illness = {
  name: 'underfitting',
  title: 'Underfits',
  explainedBy: ['divergence', 'dead-units', 'vanishing-gradients', 'exploding-gradients', 'overfitting'],

  recognise(run) {
    const { trainLoss, trainAccuracy } = run.epochs;
    const [began, now] = [mean(run.steps.loss.slice(0, 3)), trainLoss.at(-1) ?? 0];
    // One that was better before has lost its way, but could learn.
    if (trainLoss.length < EPOCHS || Math.min(...trainLoss) < LEFT * began) return undefined;
    if (trainAccuracy.at(-1)! > RIGHT) return undefined;
    if (fallOfLast(trainLoss, EPOCHS - 1) > FALLS) return undefined;
    const seen = `After ${trainLoss.length} epochs the training loss is ${figure(now)}, of ${figure(began)} at the beginning, and ${percentText(trainAccuracy.at(-1)!)} of the training images are answered rightly.`;
    return creeps(run)
      ? `${seen} The weights move by less than a thousandth at each step: the learning rate is too small to get anywhere.`
      : `${seen} The network is too small for the task, held back too much, or needs more time.`;
  },

  remedies: (run, document) => [
    ...(creeps(run) ? [setRate(document, run.training.learningRate, 10)] : []),
    removeRegularisation(document),
    addConvolution(document),
    widen(document, run.graph),
    trainLonger(document, run.epochs.trainLoss.length),
  ],
};
