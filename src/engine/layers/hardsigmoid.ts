/** Hardsigmoid: ReLU6(x + 3) / 6 (torch.nn.Hardsigmoid). */
import { elementwise, lowerActivation } from './activation.ts';
import { clamp, curve } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

import { inplace } from './torchForm.ts';

export const hardsigmoid = defineLayer({
  ...elementwise,
  kind: 'Hardsigmoid',
  summary: 'Sigmoid drawn with straight lines.',
  help: 'ReLU6(x + 3) / 6: between 0 and 1, without an exponential. The gate in the squeeze-and-excite blocks of MobileNetV3.',
  formula: 'y = min(6, max(0, x + 3)) / 6',
  picture: () => curve(x => clamp(x + 3, 0, 6) / 6),
  fields: {},
  traits: ['saturates'],
  lower: (_params, lowering) => lowerActivation(lowering, 'hardsigmoid', 'output'),
  pytorch: { module: 'nn.Hardsigmoid', arguments: [inplace] },
  keras: kerasLayer('Activation', ['hard_sigmoid']),
  onnx: ['HardSigmoid'],
});
