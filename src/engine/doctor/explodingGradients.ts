/** Exploding gradients: gradient norms grow from layer to layer on the way back. */
import { HEALTH_LIMITS } from '../graph/healthFindings.ts';
import { figure } from './curves.ts';
import type { Illness } from './illness.ts';
import { clipGradients, normalise, setRate } from './remedies.ts';

export const explodingGradients: Illness = {
  name: 'exploding-gradients',
  title: 'Gradients explode',
  explainedBy: ['divergence'],

  recognise({ health }) {
    const limit = HEALTH_LIMITS.gradientNorm.large;
    const wild = health.filter(({ gradientNorm = 0 }) => !(gradientNorm <= limit));
    const [worst] = wild.toSorted((a, b) => b.gradientNorm! - a.gradientNorm!);
    if (!worst) return undefined;
    return `The gradients of ${worst.node} are ${figure(worst.gradientNorm!)} long, where one or less is usual. Each layer that they pass on their way back makes them longer, so that one batch can undo what was learned.`;
  },

  remedies: (run, document) => [
    clipGradients(document),
    normalise(document),
    setRate(document, run.training.learningRate, 0.1),
  ],
};
