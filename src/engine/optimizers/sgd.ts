/**
 * SGD with momentum, as torch.optim.SGD computes it (dampening 0): `g += weightDecay * w; v = momentum * v + g;
 * w -= lr * (nesterov ? g + momentum * v : v)`.
 */
import { type Fields, number, toggle } from '../layers/fields.ts';
import { defineOptimizer, weightDecayField } from './optimizer.ts';

const fields = {
  momentum: number({
    label: 'Momentum',
    help: 'How much of the last step is kept: 0.9 smooths over some ten steps.',
    initial: 0.9,
    min: 0,
    max: 0.9999,
  }),
  weightDecay: weightDecayField(0),
  nesterov: toggle({
    label: 'Nesterov',
    help: 'Looks one step ahead along the momentum. Needs a momentum above zero.',
    initial: false,
  }),
} satisfies Fields;

export const sgd = defineOptimizer({
  kind: 'SGD',
  help: 'Steps against the gradient, with momentum. The plain choice, and hard to beat when its learning rate is right.',
  usualRate: 0.02,
  fields,
  lower({ momentum, weightDecay, nesterov }, lowering) {
    lowering.emit('sgdUpdate', {
      weight: lowering.weight,
      gradient: lowering.gradient,
      velocity: lowering.slot('momentum_buffer'),
      count: lowering.weight.count,
      rate: lowering.rate,
      momentum,
      weightDecay: lowering.decays ? weightDecay : 0,
      nesterov: Number(nesterov && momentum > 0),
    });
  },
  pytorch({ momentum, weightDecay, nesterov }, learningRate) {
    const args = [`lr=${learningRate}`, `momentum=${momentum}`];
    if (weightDecay > 0) args.push(`weight_decay=${weightDecay}`);
    if (nesterov) args.push('nesterov=True');
    return `torch.optim.SGD(model.parameters(), ${args.join(', ')})`;
  },
});
