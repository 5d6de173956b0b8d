/** ELU: negative values bend towards -alpha (torch.nn.ELU). */
import { elementwise, lowerActivation } from './activation.ts';
import { type Fields, number } from './fields.ts';
import { curve } from './helpPicture.ts';
import { kerasCall, unlessDefault } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

import { inplace, real } from './torchForm.ts';

const fields = {
  alpha: number({
    label: 'Alpha',
    help: 'Large negative values come near to minus this.',
    initial: 1,
  }),
} satisfies Fields;

export const elu = defineLayer({
  ...elementwise,
  kind: 'ELU',
  summary: 'Negative values bend smoothly towards a floor.',
  help: 'alpha · (exp(x) − 1) below zero. Its outputs average nearer to zero than those of ReLU, which speeds learning where nothing normalises (Clevert et al., 2015).',
  formula: 'y = x for x > 0, else α · (eˣ − 1)',
  picture: ({ alpha }) => curve(x => (x > 0 ? x : alpha * Math.expm1(x))),
  fields,
  examples: [
    { params: {}, input: [5, 6, 7] },
    { params: { alpha: 0.4 }, input: [33] },
  ],
  detail: ({ alpha }) => (alpha === 1 ? '' : `α ${alpha}`),
  lower: ({ alpha }, lowering) => lowerActivation(lowering, 'elu', 'input', alpha),
  pytorch: { module: 'nn.ELU', arguments: [real('alpha', 'alpha', 1), inplace] },
  keras: ({ alpha }) => ({ calls: [kerasCall('ELU', [], { alpha: unlessDefault(1, alpha) })] }),
  onnx: ['Elu'],
});
