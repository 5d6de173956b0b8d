/**
 * RMSprop, as torch.optim.RMSprop computes it: the gradient divided by the root of its mean square, plus epsilon.
 * Hinton's lecture 6e of "Neural networks for machine learning", 2012.
 */
import { type Fields, number, toggle } from '../layers/fields.ts';
import { defineOptimizer, epsField, optimizerCall, weightDecayField } from './optimizer.ts';

const fields = {
  alpha: number({
    label: 'Alpha',
    help: 'How much of the average square is kept at each step.',
    initial: 0.99,
    min: 0,
    max: 0.999999,
  }),
  eps: epsField(),
  momentum: number({
    label: 'Momentum',
    help: 'How much of the last step is kept.',
    initial: 0,
    min: 0,
    max: 0.9999,
  }),
  weightDecay: weightDecayField(0),
  centered: toggle({
    label: 'Centred',
    help: 'Divides by the deviation of the gradient instead of its size: takes the square of its average off.',
    initial: false,
  }),
} satisfies Fields;

export const rmsProp = defineOptimizer({
  kind: 'RMSprop',
  help: 'Divides each weight’s gradient by its usual size. Made for gradients that vary much from layer to layer; Adam has mostly taken its place.',
  usualRate: 0.001,
  fields,
  lower({ alpha, eps, momentum, weightDecay, centered }, lowering) {
    lowering.emit('rmspropUpdate', {
      weight: lowering.weight,
      gradient: lowering.gradient,
      square: lowering.slot('square_avg'),
      average: centered ? lowering.slot('grad_avg') : null,
      velocity: momentum > 0 ? lowering.slot('momentum_buffer') : null,
      count: lowering.weight.count,
      rate: lowering.rate,
      complement: 1 - alpha,
      eps,
      momentum,
      weightDecay: lowering.decays ? weightDecay : 0,
    });
  },
  pytorch({ alpha, eps, momentum, weightDecay, centered }, learningRate) {
    const defaults = { alpha: 0.99, eps: 1e-8, momentum: 0, weight_decay: 0, centered: false };
    const values = { alpha, eps, momentum, weight_decay: weightDecay, centered };
    return optimizerCall('RMSprop', learningRate, defaults, values);
  },
});
