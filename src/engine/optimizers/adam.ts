/** Adam, as torch.optim.Adam computes it. Kingma, Ba: "Adam: a method for stochastic optimization", 2014. */
import { adaptive } from './adaptive.ts';
import { defineOptimizer } from './optimizer.ts';

export const adam = defineOptimizer({
  ...adaptive('Adam', 0),
  help: 'Scales each weight’s step by the size of its own gradients, so that a rate of 0.001 suits most networks. Its weight decay is part of the gradient, and so scaled too: AdamW keeps it apart.',
});
