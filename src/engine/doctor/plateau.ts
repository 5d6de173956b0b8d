/** A plateau: the loss stays where it is, short of what it could be, because steps of one size lead around it. */
import { fallOfLast, figure, known, mean } from './curves.ts';
import type { Illness } from './illness.ts';
import { anneal, lowerOnPlateau, setRate } from './remedies.ts';

/** So many epochs are held against as many before them. */
const COMPARED_EPOCHS = 5;
/** By less than this share they are no better. */
const LEAST_IMPROVEMENT = 0.05;
/** With so many training images answered rightly, little is left to learn. */
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
    const validated = known(valLoss);
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
