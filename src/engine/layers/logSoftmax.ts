/** LogSoftmax: the logarithm of Softmax over the channels (torch.nn.LogSoftmax, dim=1). */
import { elementwise } from './activation.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer } from './layer.ts';
import { lowerSoftmax } from './softmax.ts';
import { constantArgument } from './torchForm.ts';

export const logSoftmax = defineLayer({
  ...elementwise,
  kind: 'LogSoftmax',
  traits: ['probabilities'],
  summary: 'Scores become logarithms of shares.',
  help: 'The logarithm of Softmax over the channels, found without the rounding that a logarithm of small shares would suffer. For networks that end in log-probabilities.',
  formula: 'y[c] = x[c] − log Σ over k: exp(x[k])',
  picture: () => ({ view: 'axes', images: 'one', channels: 'all', pixels: 'one' }),
  fields: {},
  lower: (_params, lowering) => lowerSoftmax(lowering, 1),
  pytorch: { module: 'nn.LogSoftmax', arguments: [constantArgument('dim', 1, [1, null])] },
  keras: kerasLayer('Activation', ['log_softmax']),
  onnx: ['LogSoftmax'],
});
