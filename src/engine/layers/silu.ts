/** SiLU: x · σ(x) (torch.nn.SiLU). */
import { elementwise, lowerActivation } from './activation.ts';
import { curve, sigmoid } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

import { inplace } from './torchForm.ts';

export const silu = defineLayer({
  ...elementwise,
  kind: 'SiLU',
  summary: 'A smooth ReLU: each value times its own sigmoid.',
  help: 'x · σ(x), also called swish. Smooth, slightly negative before it rises; the activation of EfficientNet and of most YOLO versions.',
  formula: 'y = x · σ(x), σ(x) = 1 / (1 + e⁻ˣ)',
  picture: () => curve(x => x * sigmoid(x)),
  fields: {},
  lower: (_params, lowering) => lowerActivation(lowering, 'silu', 'input'),
  pytorch: { module: 'nn.SiLU', arguments: [inplace] },
  keras: kerasLayer('Activation', ['silu']),
  onnx: ['Sigmoid', 'Mul'],
});
