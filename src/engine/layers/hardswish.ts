/** Hardswish: x · ReLU6(x + 3) / 6 (torch.nn.Hardswish). */
import { elementwise, lowerActivation } from './activation.ts';
import { clamp, curve } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

import { inplace } from './torchForm.ts';

export const hardswish = defineLayer({
  ...elementwise,
  kind: 'Hardswish',
  summary: 'SiLU drawn with straight lines.',
  help: 'x · ReLU6(x + 3) / 6: close to SiLU without its exponential, for small devices. MobileNetV3 uses it.',
  formula: 'y = x · min(6, max(0, x + 3)) / 6',
  picture: () => curve(x => (x * clamp(x + 3, 0, 6)) / 6),
  fields: {},
  lower: (_params, lowering) => lowerActivation(lowering, 'hardswish', 'input'),
  pytorch: { module: 'nn.Hardswish', arguments: [inplace] },
  keras: kerasLayer('Activation', ['hard_swish']),
  onnx: ['HardSwish'],
});
