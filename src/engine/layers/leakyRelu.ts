/** LeakyReLU: negative values are multiplied by a small slope (torch.nn.LeakyReLU). */
import { elementwise, lowerActivation } from './activation.ts';
import { type Fields, number } from './fields.ts';
import { curve } from './helpPicture.ts';
import { type KerasClass, kerasCall } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

import { inplace, real } from './torchForm.ts';

const fields = {
  negativeSlope: number({
    label: 'Negative slope',
    help: 'What negative values are multiplied by.',
    initial: 0.01,
  }),
} satisfies Fields;

/** For negative slopes, which Keras's LeakyReLU refuses. */
const negativeSlopeClass: KerasClass = {
  name: 'FallingReLU',
  text: `class FallingReLU(layers.Layer):
    """LeakyReLU whose slope may be negative."""

    def __init__(self, negative_slope, **kwargs):
        super().__init__(**kwargs)
        self.negative_slope = negative_slope

    def call(self, x):
        return ops.where(x < 0, self.negative_slope * x, x)`,
};

export const leakyRelu = defineLayer({
  ...elementwise,
  kind: 'LeakyReLU',
  summary: 'Negative values become small.',
  help: 'ReLU with a small slope below zero, so that a unit which is never positive still learns. Common in discriminators and in detectors such as YOLO.',
  formula: 'y = x for x > 0, else slope · x',
  picture: ({ negativeSlope }) => curve(x => (x > 0 ? x : negativeSlope * x)),
  fields,
  examples: [
    { params: {}, input: [5, 6, 7] },
    { params: { negativeSlope: 0.3 }, input: [33] },
    { params: { negativeSlope: -0.5 }, input: [3, 3, 5] },
  ],
  detail: ({ negativeSlope }) => `${negativeSlope}`,
  lower: ({ negativeSlope }, lowering) => lowerActivation(lowering, 'leakyRelu', 'input', negativeSlope),
  pytorch: { module: 'nn.LeakyReLU', arguments: [real('negative_slope', 'negativeSlope', 0.01), inplace] },
  keras: ({ negativeSlope }) => ({
    calls: [
      kerasCall(negativeSlope < 0 ? negativeSlopeClass : 'LeakyReLU', [], { negative_slope: negativeSlope }),
    ],
  }),
  onnx: ['LeakyRelu'],
});
