/**
 * Training on images that FGSM has changed, held against PyTorch: what the images become at each step, and the weights
 * after the last. BatchNorm2d tells the attack, on the network in use, from the step, on the network that trains.
 * Printed for fgsm.py: `node tests/oracles/fgsmCase.ts | python3 tests/oracles/fgsm.py`.
 */
import { chain } from '../../src/engine/zoo/zoo.ts';
import { type Case, targetsOf, trainedWith } from './cases.ts';

export const EPS = 0.05;
export const MEAN = [0.4, 0.5];
export const STD = [0.25, 0.2];

const graph = chain([
  ['Input', 'input', { shape: [2, 6, 5] }],
  ['Conv2d', 'conv', { outChannels: 4 }],
  ['BatchNorm2d', 'norm'],
  ['Tanh', 'tanh'],
  ['Flatten', 'flatten'],
  ['Linear', 'head', { outFeatures: 5 }],
]);

export const fgsmCase: Case = {
  name: 'fgsm',
  document: trainedWith(graph, {
    learningRate: 0.05,
    augmentations: [{ kind: 'FGSM', params: { p: 1, eps: EPS } }],
  }),
  batch: 4,
  steps: 3,
};

/** One byte of one image, channels last; some at the ends, where a step must not lead out. */
export const byteAt = (i: number) => Math.max(0, Math.min(255, ((i * 7919) % 311) - 28));

if (import.meta.main) {
  const [answer, { shape, values }] = [...targetsOf(fgsmCase)][0]!;
  const bytes = Array.from({ length: 4 * 2 * 6 * 5 }, (_, i) => byteAt(i));
  const targets = { [answer]: { shape, values: [...values] } };
  process.stdout.write(JSON.stringify({ ...fgsmCase, bytes, targets, mean: MEAN, std: STD, eps: EPS }));
}
