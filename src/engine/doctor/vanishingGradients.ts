/**
 * Vanishing gradients: gradient norms shrink from layer to layer on the way back, until the first layers do not learn.
 */
import { HEALTH_LIMITS } from '../graph/healthFindings.ts';
import { figure } from './curves.ts';
import type { Illness } from './illness.ts';
import { normalise, replaceSaturating } from './remedies.ts';

/** The least share of layers with hardly any gradient. */
const VANISHED_LAYER_SHARE = 0.25;

export const vanishingGradients: Illness = {
  name: 'vanishing-gradients',
  title: 'Gradients vanish',
  explainedBy: ['divergence', 'dead-units'],

  recognise({ health }) {
    const learning = health.filter(({ gradientNorm }) => gradientNorm !== undefined);
    const largest = Math.max(0, ...learning.map(({ gradientNorm }) => gradientNorm!));
    const faint = learning.filter(
      ({ gradientNorm }) => gradientNorm! < HEALTH_LIMITS.gradientNorm.faint * largest,
    );
    const [first] = faint;
    if (!first || faint.length < VANISHED_LAYER_SHARE * learning.length) return undefined;
    return `${faint.length} of ${learning.length} layers get almost no gradient: ${figure(first.gradientNorm!)} at ${first.node}, where the last layers have ${figure(largest)}. Each layer makes it shorter on its way back, so that the first ones stay as they were drawn.`;
  },

  remedies: (_run, document) => [normalise(document), replaceSaturating(document)],
};
