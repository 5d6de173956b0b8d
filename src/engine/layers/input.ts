/** Input: provides the image to the network; computes nothing and has no weights. */
import { imageShape } from './fields.ts';
import { defineLayer, withoutWeights } from './layer.ts';

export const input = defineLayer({
  ...withoutWeights,
  kind: 'Input',
  family: 'io',
  summary: 'Where the images enter.',
  help: 'Its shape is channels × height × width: 1×28×28 for a small grey image, 3×224×224 for a photograph. Images of another size are brought to it before they enter.',
  formula: 'x ∈ ℝ^(C×H×W)',
  picture: ({ shape }) => ({ view: 'shape', shape, names: ['channels', 'height', 'width'] }),
  fields: {
    shape: imageShape({
      label: 'Shape',
      help: 'Channels, height and width of one image.',
      initial: [3, 32, 32],
    }),
  },
  inputs: 0,
  examples: [{ params: { shape: [3, 32, 32] }, input: [3, 32, 32] }],
  detail: ({ shape }) => shape.join('×'),
  shape: ({ shape }) => ({ shape: { value: shape, why: 'The shape that was chosen for it.' } }),
  macs: () => ({ value: 0, why: '0: the image is passed on' }),
  reach: () => 'pointwise',
  pytorch: { passes: true },
  keras: () => ({ calls: [] }),
  onnx: [],
  lower: (_params, lowering) => lowering.passThrough(),
});
