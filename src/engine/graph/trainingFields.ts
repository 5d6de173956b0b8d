/** The settings of training that are no choice of a kind: forms, help and validation derive from these fields. */
import { z } from 'zod';
import { choice, type Field, type Fields, integer, number, toggle } from '../layers/fields.ts';
import { normalizationNames } from './normalization.ts';
import { pretrainedWeights, UNTRAINED } from './pretrained.ts';

const longestName = 200;

/** One of a later version is read, too, and said to be unknown where it is to be used. */
const weights: Field<string> = {
  ...choice({
    label: 'Weights',
    help: 'What training begins with: weights drawn by the seed, or those of a network that has seen many images. Taken is what has the same name and shape in the network that is drawn.',
    options: [UNTRAINED, ...pretrainedWeights().map(({ name }) => name)],
    initial: UNTRAINED,
  }),
  schema: z.string().min(1).max(longestName),
};

export const startFields = {
  weights,
  normalization: choice({
    label: 'Normalised by',
    help: 'How a byte becomes the number that the network takes. dataset: by the mean and deviation of the training images. Weights that are trained already want what they were trained with: symmetric is (byte − 127) / 128, imagenet the mean and deviation of ImageNet, unit byte / 255.',
    options: normalizationNames,
    initial: 'dataset',
  }),
} satisfies Fields;

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
  features: toggle({
    label: 'Keep features',
    help: 'What flows out of frozen layers is the same in every epoch. On: it is computed once for each image and kept on disk, where that saves time and no augmentation comes before; the weights that are learned are the same, bit by bit. Off: it is computed anew each time.',
    initial: true,
  }),
} satisfies Fields;
