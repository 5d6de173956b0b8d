/** Tanh: the hyperbolic tangent (torch.nn.Tanh). */
import { elementwise, lowerActivation } from './activation.ts';
import { curve } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

export const tanh = defineLayer({
  ...elementwise,
  kind: 'Tanh',
  summary: 'Squeezes every value between −1 and 1.',
  help: 'A sigmoid around zero: the activation of LeNet, and the last layer of networks that make images. Flat on both sides, so that deep stacks of it learn slowly.',
  formula: 'y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)',
  picture: () => curve(Math.tanh),
  fields: {},
  traits: ['saturates'],
  lower: (_params, lowering) => lowerActivation(lowering, 'tanh', 'output'),
  pytorch: { module: 'nn.Tanh', arguments: [] },
  keras: kerasLayer('Activation', ['tanh']),
  onnx: ['Tanh'],
});
