/**
 * A plateau: the loss stops falling before it is low, because steps of a constant size go back and forth around the
 * minimum.
 */
import { fallOfLast, figure, mean, withoutNulls } from './curves.ts';
import type { Illness } from './illness.ts';
import { anneal, lowerOnPlateau, setRate } from './remedies.ts';

/** Epochs that are compared with as many before them. */
const COMPARED_EPOCHS = 5;
/** The smallest relative decrease that counts as improvement. */
const LEAST_IMPROVEMENT = 0.05;
/** The training accuracy from which on there is little left to learn. */
const LEARNED_ACCURACY = 0.97;

export const plateau: Illness = {
  name: 'plateau',
  title: 'Stays on a plateau',
  explainedBy: [
    'divergence',
    'dead-units',
    'vanishing-gradients',
    'exploding-gradients',
    'overfitting',
    'underfitting',
    'class-imbalance',
  ],

  recognise({ steps, epochs: { trainLoss, trainAccuracy, valLoss } }) {
    if (trainLoss.length < 2 * COMPARED_EPOCHS || trainAccuracy.at(-1)! > LEARNED_ACCURACY) return undefined;
    const validated = withoutNulls(valLoss);
    const judged = validated.length === trainLoss.length ? validated : trainLoss;
    const perEpoch = Math.max(1, Math.floor(steps.loss.length / trainLoss.length));
    const rates = steps.learningRate.slice(-COMPARED_EPOCHS * perEpoch);
    const isConstant = Math.min(...rates) > 0.9 * Math.max(...rates);
    const falls = (losses: readonly number[]) => fallOfLast(losses, 2 * COMPARED_EPOCHS) > LEAST_IMPROVEMENT;
    if (falls(judged) || falls(trainLoss) || !isConstant) return undefined;
    const [before, last] = [
      trainLoss.slice(-2 * COMPARED_EPOCHS, -COMPARED_EPOCHS),
      trainLoss.slice(-COMPARED_EPOCHS),
    ];
    return `Over the last ${COMPARED_EPOCHS} epochs the training loss was ${figure(mean(last))} on average, over the ${COMPARED_EPOCHS} before ${figure(mean(before))}, with a learning rate of ${figure(rates.at(-1)!)} all the while. Steps of this size lead around the lowest place instead of into it.`;
  },

  remedies: (run, document) => [
    lowerOnPlateau(document),
    anneal(document),
    setRate(document, run.training.learningRate, 0.3),
  ],
};
