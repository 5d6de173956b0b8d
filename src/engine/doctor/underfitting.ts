/** Underfitting: not even the training images are learned, and the loss hardly falls any more. */

import { fallOfLast, figure, mean, percentText } from './curves.ts';
import type { Illness } from './illness.ts';
import type { RecordedRun } from './recordedRun.ts';
import { addConvolution, removeRegularisation, setRate, trainLonger, widen } from './remedies.ts';

/** The least number of epochs. */
const LEAST_EPOCHS = 5;
/** The fraction of the initial loss that is left. */
const MIN_LOSS_RATIO = 0.5;
/** A relative fall by this much over the last epochs counts as still learning. */
const STILL_FALLING_SHARE = 0.08;
const GOOD_ACCURACY = 0.9;
/** Relative updates below this count as too small. */
const TINY_UPDATE_SHARE = 3e-4;

function creeps({ health }: RecordedRun): boolean {
  const ratios = health.flatMap(({ updateRatio }) => updateRatio ?? []);
  return ratios.length > 0 && Math.max(...ratios) < TINY_UPDATE_SHARE;
}

export const underfitting: Illness = {
  name: 'underfitting',
  title: 'Underfits',
  explainedBy: ['divergence', 'dead-units', 'vanishing-gradients', 'exploding-gradients', 'overfitting'],

  recognise(run) {
    const { trainLoss, trainAccuracy } = run.epochs;
    const [began, now] = [mean(run.steps.loss.slice(0, 3)), trainLoss.at(-1) ?? 0];
    // A loss that was lower before is not underfitting: the network could learn.
    if (trainLoss.length < LEAST_EPOCHS || Math.min(...trainLoss) < MIN_LOSS_RATIO * began) return undefined;
    if (trainAccuracy.at(-1)! > GOOD_ACCURACY) return undefined;
    if (fallOfLast(trainLoss, LEAST_EPOCHS - 1) > STILL_FALLING_SHARE) return undefined;
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
