/** Divergence: the loss grows because steps are too large. */
import { optimizerKind } from '../optimizers/registry.ts';
import { figure, spanMeans } from './curves.ts';
import type { Illness } from './illness.ts';
import { clipGradients, setRate, warmUp } from './remedies.ts';

/** The ratio to the initial loss above which a run counts as diverged. */
const DIVERGED_LOSS_RATIO = 1.5;

export const divergence: Illness = {
  name: 'divergence',
  title: 'Diverges',
  explainedBy: [],

  recognise({ error, steps: { loss, learningRate } }) {
    const rate = figure(learningRate.at(-1) ?? Number.NaN);
    if (error?.includes('diverged')) {
      return `The loss became no number with a learning rate of ${rate}. Steps were so large that each overshot further than the one before.`;
    }
    const [began, now] = [Math.min(...loss.slice(0, 3)), spanMeans(loss).at(-1) ?? Number.NaN];
    if (loss.length < 10 || !(now > DIVERGED_LOSS_RATIO * began)) return undefined;
    return `The loss is ${figure(now)} and began with ${figure(began)}, at a learning rate of ${rate}. Steps are so large that they lead away from where the loss is small.`;
  },

  remedies({ training: { learningRate, optimizer } }, document) {
    // A tenth of a rate that is a thousand times too large would diverge again, so the default rate is a limit.
    const usual = optimizerKind(optimizer.kind)?.usualRate ?? learningRate;
    const factor = Math.min(0.1, usual / learningRate);
    return [setRate(document, learningRate, factor), clipGradients(document), warmUp(document)];
  },
};
