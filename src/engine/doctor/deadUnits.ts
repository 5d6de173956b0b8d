/** Dead units: ReLU channels that are zero for every image, so that they get no gradient any more. */
import { HEALTH_LIMITS } from '../graph/healthFindings.ts';
import { percentText } from './curves.ts';
import type { Illness } from './illness.ts';
import { leakyUnits, normalise, setRate } from './remedies.ts';

export const deadUnits: Illness = {
  name: 'dead-units',
  title: 'Units are dead',
  explainedBy: ['divergence'],

  recognise({ health }) {
    const dead = health.filter(layer => (layer.dead ?? 0) >= HEALTH_LIMITS.dead.most);
    const [worst] = dead.toSorted((a, b) => b.dead! - a.dead!);
    if (!worst) return undefined;
    const others = dead.length > 1 ? `, and ${dead.length - 1} more like it` : '';
    return `In ${worst.node}, ${percentText(worst.dead!)} of the channels are zero for every image${others}. No gradient passes them, so that they stay dead: steps were too large once.`;
  },

  remedies: (run, document) => [
    setRate(document, run.training.learningRate, 0.1),
    leakyUnits(document),
    normalise(document),
  ],
};
