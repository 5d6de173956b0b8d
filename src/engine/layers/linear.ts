/** Linear: every output is a weighted sum of all inputs (torch.nn.Linear). Computed as a 1×1 convolution. */
import { emitConvolution } from './convolution.ts';
import { type Fields, integer, toggle } from './fields.ts';
import { kerasCall, unlessDefault } from './kerasForm.ts';
import { defineLayer, flatWeight, panelWeight } from './layer.ts';
import type { Repair } from './repair.ts';
import { type Shape, shapeText, sizeOf } from './shape.ts';
import { flag, flowsIn, whole } from './torchForm.ts';

const fields = {
  outFeatures: integer({
    label: 'Outputs',
    help: 'How many numbers come out. In the last layer: one for each class.',
    initial: 10,
    min: 1,
  }),
  bias: toggle({ label: 'Bias', help: 'Adds one learned number to every output.', initial: true }),
} satisfies Fields;

/** Repairs that turn an image into a vector: Flatten, or the mean of each channel. */
const toVector: readonly Repair[] = [
  { title: 'Insert Flatten', insertBefore: { kind: 'Flatten', params: {} } },
  {
    title: 'Insert global average pooling and Flatten',
    insertBefore: [
      { kind: 'GlobalAvgPool2d', params: {} },
      { kind: 'Flatten', params: {} },
    ],
  },
];

export const linear = defineLayer({
  kind: 'Linear',
  family: 'linear',
  summary: 'Every output is a weighted sum of all inputs.',
  help: 'A fully connected layer. It weighs the features that the convolutions found, wherever they were, into class scores. It wants a vector: put Flatten before it.',
  formula: 'y[o] = b[o] + Σ over i: w[o, i] · x[i]',
  picture: ({ outFeatures }) => ({ view: 'full', outputs: outFeatures }),
  fields,
  inputs: 1,
  examples: [
    { params: { outFeatures: 7 }, input: [13] },
    { params: { outFeatures: 16, bias: false }, input: [300] },
  ],

  detail: ({ outFeatures }) => `${outFeatures}`,

  shape({ outFeatures }, input) {
    if (input.length === 1) return { shape: { value: [outFeatures], why: 'One for each output.' } };
    return {
      fault: {
        code: 'linear-wants-vector',
        message: `Linear wants a vector; it gets ${shapeText(input)}, which is ${sizeOf(input)} numbers in an image.`,
        repairs: toVector,
      },
    };
  },

  weights({ outFeatures, bias }, input: Shape) {
    const initial = { uniform: 1 / Math.sqrt(input[0]!) };
    const weight = panelWeight('weight', [outFeatures, input[0]!], initial);
    return bias ? [weight, flatWeight('bias', [outFeatures], initial)] : [weight];
  },

  countFormula: ({ outFeatures, bias }, input) => `${outFeatures} · ${bias ? `(${input[0]} + 1)` : input[0]}`,

  macs: ({ outFeatures }, input) => ({ value: outFeatures * input[0]!, why: `${outFeatures} · ${input[0]}` }),

  reach: () => 'global',

  lower({ outFeatures, bias }, lowering) {
    const onePixel = {
      kernelSize: [1, 1],
      stride: [1, 1],
      dilation: [1, 1],
      sides: [0, 0, 0, 0],
    } as const;
    const shapes = [
      [lowering.inputShape[0]!, 1, 1],
      [outFeatures, 1, 1],
    ] as const;
    lowering.backward(emitConvolution(lowering, lowering.input, ...shapes, onePixel, { groups: 1, bias }));
  },

  pytorch: {
    module: 'nn.Linear',
    arguments: [flowsIn('in_features'), whole('out_features', 'outFeatures'), flag('bias', 'bias', true)],
  },
  keras: ({ outFeatures, bias }) => ({
    calls: [kerasCall('Dense', [outFeatures], { use_bias: unlessDefault(true, bias) })],
  }),
  onnx: ['Gemm'],
});
