/** Softmax: over the channels of each pixel (torch.nn.Softmax, dim=1). */
import { elementwise } from './activation.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer } from './layer.ts';
import type { Lowering } from './lowering.ts';
import { constantArgument } from './torchForm.ts';

/** Emits softmax or log-softmax over the channels, and the backward pass. */
export function lowerSoftmax(lowering: Lowering, logarithm: 0 | 1): void {
  const [channels, height = 1, width = 1] = lowering.inputShape as [number, number?, number?];
  const shared = { pixels: height * width, channels, logarithm };
  const y = lowering.output();
  lowering.emit('softmaxForward', { x: lowering.input, y, ...shared });
  lowering.backward((dy, dx) => {
    if (!dx) return;
    lowering.emit('softmaxBackward', { y, dy, dx: dx.tensor, accumulate: dx.accumulate, ...shared });
  });
}

export const softmax = defineLayer({
  ...elementwise,
  kind: 'Softmax',
  traits: ['probabilities'],
  summary: 'Scores become shares that add up to one.',
  help: 'Turns the channels of each pixel, or the numbers of a vector, into probabilities. Not before CrossEntropyLoss, which has its own: twice would flatten the gradients. It serves as attention within a network.',
  formula: 'y[c] = exp(x[c]) / Σ over k: exp(x[k])',
  picture: () => ({ view: 'axes', images: 'one', channels: 'all', pixels: 'one' }),
  fields: {},
  examples: [
    { params: {}, input: [5, 6, 7] },
    { params: {}, input: [33] },
    { params: {}, input: [1, 2, 3] },
  ],
  lower: (_params, lowering) => lowerSoftmax(lowering, 0),
  pytorch: { module: 'nn.Softmax', arguments: [constantArgument('dim', 1, [1, null])] },
  keras: kerasLayer('Softmax'),
  onnx: ['Softmax'],
});
