/** ReLU6: clipped to 0…6 (torch.nn.ReLU6). */
import { elementwise, lowerActivation } from './activation.ts';
import { clamp, curve } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

import { inplace } from './torchForm.ts';

export const relu6 = defineLayer({
  ...elementwise,
  kind: 'ReLU6',
  traits: ['rectifies'],
  summary: 'Negative values become zero, large ones six.',
  help: 'ReLU with a ceiling. MobileNet uses it: numbers that stay between 0 and 6 lose little when they are later rounded to eight bits for a phone.',
  formula: 'y = min(6, max(0, x))',
  picture: () => curve(x => clamp(x, 0, 6)),
  fields: {},
  lower: (_params, lowering) => lowerActivation(lowering, 'relu6', 'output'),
  pytorch: { module: 'nn.ReLU6', arguments: [inplace] },
  keras: kerasLayer('ReLU', [], { max_value: 6 }),
  onnx: ['Clip'],
});
