/** Sigmoid: 1 / (1 + exp(-x)) (torch.nn.Sigmoid). */
import { elementwise, lowerActivation } from './activation.ts';
import { curve, sigmoid as logistic } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

export const sigmoid = defineLayer({
  ...elementwise,
  kind: 'Sigmoid',
  summary: 'Squeezes every value between 0 and 1.',
  help: '1 / (1 + exp(−x)): a gate or a probability. Between layers it learns slowly, since it is flat on both sides; ReLU took its place there.',
  formula: 'y = 1 / (1 + e⁻ˣ)',
  picture: () => curve(logistic),
  fields: {},
  traits: ['saturates'],
  lower: (_params, lowering) => lowerActivation(lowering, 'sigmoid', 'output'),
  pytorch: { module: 'nn.Sigmoid', arguments: [] },
  keras: kerasLayer('Activation', ['sigmoid']),
  onnx: ['Sigmoid'],
});
