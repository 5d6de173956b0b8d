/** AdamW, as torch.optim.AdamW computes it. Loshchilov, Hutter: "Decoupled weight decay regularization", 2017. */
import { adaptive } from './adaptive.ts';
import { defineOptimizer } from './optimizer.ts';

export const adamW = defineOptimizer({
  ...adaptive('AdamW', 0.01),
  help: 'Adam whose weight decay is taken off the weights themselves, by the learning rate: every weight shrinks alike, whatever its gradients.',
});
