/**
 * Training settings other than kinds of loss, optimizer and the like; forms, help and validation derive from these
 * fields.
 */
import { choice, type Fields, integer, number, toggle } from '../layers/fields.ts';

export const regularisationFields = {
  l1: number({
    label: 'L1',
    help: 'Pulls every weight towards zero by the same amount, so that many become nearly nothing. 0, the usual: off, for L2 suits most networks better. The loss that is shown leaves it out.',
    initial: 0,
    min: 0,
    max: 1,
  }),
  decayAll: toggle({
    label: 'Decay norms and biases',
    help: 'Whether L1 and weight decay are for the weights of normalisations and for biases too. On, as in PyTorch; off is usual for deep networks.',
    initial: true,
  }),
  clipNorm: number({
    label: 'Largest gradient norm',
    help: 'All gradients together are shortened to this length where they are longer, so that one bad batch does no harm. 0, the usual: off; 1 where gradients explode.',
    initial: 0,
    min: 0,
    max: 1e6,
  }),
  clipValue: number({
    label: 'Largest gradient value',
    help: 'Each number of a gradient is cut at this size. 0, the usual: off, for cutting turns the gradient aside.',
    initial: 0,
    min: 0,
    max: 1e6,
  }),
  ema: number({
    label: 'Average of weights',
    help: 'Evaluates, and keeps as the best, a running average of the weights in place of the weights. How much of it stays at each step: 0.999 looks back over some thousand. 0, the usual: off, for a short run ends before it pays.',
    initial: 0,
    min: 0,
    max: 0.999999,
  }),
} satisfies Fields;

export const stoppingFields = {
  patience: integer({
    label: 'Patience',
    help: 'Ends the run when so many epochs in a row were no better than the best one. 0, the usual: off, so that runs of equal length can be compared.',
    initial: 0,
    max: 100_000,
  }),
  metric: choice({
    label: 'Judged by',
    help: 'What is compared, and what the best checkpoint is chosen by: how often it is right, or the loss; of the validation images, where there are some.',
    options: ['score', 'loss'],
    initial: 'score',
  }),
  restoreBest: toggle({
    label: 'Go back to the best',
    help: 'Whether the run ends with the weights of its best epoch in place of the last.',
    initial: false,
  }),
} satisfies Fields;

export const computingFields = {
  backend: choice({
    label: 'Computed by',
    help: 'Native code is fastest; WebAssembly gives the same bits on every machine. Auto takes native code where it is built and passes its check.',
    options: ['auto', 'wasm', 'native'],
    initial: 'auto',
  }),
  workers: integer({
    label: 'Workers',
    help: 'Threads that train, each on a core of its own; a run gives the same bits with any number. 0, the usual: all cores but one, which is left to the window.',
    initial: 0,
    max: 256,
  }),
} satisfies Fields;
