/** Identity: the output is the input (torch.nn.Identity). */
import { elementwise } from './activation.ts';
import { curve } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

export const identity = defineLayer({
  ...elementwise,
  kind: 'Identity',
  summary: 'Passes on what it gets.',
  help: 'Computes nothing and costs nothing. It holds a place: for a layer that was taken out, or as the straight way of a branch.',
  formula: 'y = x',
  picture: () => curve(x => x),
  fields: {},
  macs: () => ({ value: 0, why: '0: the values are passed on' }),
  lower: (_params, lowering) => lowering.passThrough(),
  pytorch: { module: 'nn.Identity', arguments: [] },
  keras: kerasLayer('Identity'),
  onnx: ['Identity'],
});
