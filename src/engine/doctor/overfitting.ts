/** Overfitting: training images are memorised, while results for other images get worse. */
import { figure, lowestAt, percentText, withoutNulls } from './curves.ts';
import type { Illness } from './illness.ts';
import { addDropout, augment, decayWeights, stopEarly } from './remedies.ts';

/** The least number of epochs since the best one. */
const LEAST_EPOCHS_SINCE_BEST = 3;
/** The least relative rise of the validation loss since. */
const VALIDATION_LOSS_RISE = 0.15;
/** The least lead of the training accuracy. */
const ACCURACY_GAP = 0.08;

export const overfitting: Illness = {
  name: 'overfitting',
  title: 'Overfits',
  explainedBy: ['divergence', 'class-imbalance'],

  recognise({ epochs: { trainLoss, trainAccuracy, valLoss, valAccuracy } }) {
    const losses = withoutNulls(valLoss);
    const [best, last] = [lowestAt(losses), losses.length - 1];
    if (losses.length !== trainLoss.length || last - best < LEAST_EPOCHS_SINCE_BEST) return undefined;
    // The better of the last two epochs, so that a single bad one does not count.
    const now = Math.min(losses[last]!, losses[last - 1]!);
    const gap = trainAccuracy[last]! - (valAccuracy[last] ?? 0);
    const goesOn = trainLoss[last]! < trainLoss[best]!;
    if (now < (1 + VALIDATION_LOSS_RISE) * losses[best]! || gap < ACCURACY_GAP || !goesOn) return undefined;
    return `Since epoch ${best + 1} the validation loss rose from ${figure(losses[best]!)} to ${figure(now)}, while the training loss went on falling; training images are answered better by ${percentText(gap)}. The network learns its images by heart instead of what they have in common.`;
  },

  remedies: (_run, document) => [
    augment(document),
    addDropout(document),
    decayWeights(document),
    stopEarly(document),
  ],
};
