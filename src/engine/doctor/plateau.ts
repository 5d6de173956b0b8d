/** A plateau: the loss stays where it is, short of what it could be, because steps of one size lead around it. */
import { figure, known } from './curves.ts';
import type { Illness } from './illness.ts';
import { anneal, lowerOnPlateau, setRate } from './remedies.ts';

/** Epochs without anything better. */
const STAYS = 5;
/** Less than this share is nothing better. */
const BETTER = 0.02;
/** With so many training images answered rightly, little is left to learn. */
const DONE = 0.97;

/** How much lower the lowest of the last epochs is than the lowest before, as a share. */
function gain(losses: readonly number[]): number {
  return 1 - Math.min(...losses.slice(-STAYS)) / Math.min(...losses.slice(0, -STAYS));
}

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
    if (trainLoss.length < 2 * STAYS || trainAccuracy.at(-1)! > DONE) return undefined;
    const validated = known(valLoss);
    const judged = validated.length === trainLoss.length ? validated : trainLoss;
    const perEpoch = Math.max(1, Math.floor(steps.loss.length / trainLoss.length));
    const rates = steps.learningRate.slice(-STAYS * perEpoch);
    const isConstant = Math.min(...rates) > 0.9 * Math.max(...rates);
    if (gain(judged) > BETTER || gain(trainLoss) > BETTER || !isConstant) return undefined;
    return `For ${STAYS} epochs the loss has not fallen below ${figure(Math.min(...judged))}, and the learning rate stayed at ${figure(rates.at(-1)!)} all the while. Steps of this size lead around the lowest place instead of into it.`;
  },

  remedies: (run, document) => [
    lowerOnPlateau(document),
    anneal(document),
    setRate(document, run.training.learningRate, 0.3),
  ],
};
