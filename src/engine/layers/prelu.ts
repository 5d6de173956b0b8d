/** PReLU: a LeakyReLU with a learned slope, one for all channels or one per channel (torch.nn.PReLU). */
import { elementwise } from './activation.ts';
import { type Fields, integer, number } from './fields.ts';
import { curve } from './helpPicture.ts';
import { kerasCall } from './kerasForm.ts';
import { defineLayer, flatWeight } from './layer.ts';

import { real, whole } from './torchForm.ts';

const fields = {
  numParameters: integer({
    label: 'Slopes',
    help: '1: one slope for all channels. As many as channels: one for each.',
    initial: 1,
    min: 1,
  }),
  init: number({ label: 'First slope', help: 'The slope that training starts from.', initial: 0.25 }),
} satisfies Fields;

/**
 * Over how many groups of images a gradient is summed apart: enough tasks for many workers, and independent of their
 * number.
 */
const GRADIENT_PARTS = 8;

export const prelu = defineLayer({
  ...elementwise,
  kind: 'PReLU',
  summary: 'Learns how much of a negative value to keep.',
  help: 'LeakyReLU that finds its slope while it trains (He et al., 2015). Weight decay would pull the slope towards zero, which makes it a plain ReLU.',
  formula: 'y = x for x > 0, else a · x; a is learned',
  picture: ({ init }) => curve(x => (x > 0 ? x : init * x)),
  fields,
  examples: [
    { params: {}, input: [5, 6, 7] },
    { params: { numParameters: 11 }, input: [11, 3, 5] },
    { params: { numParameters: 13 }, input: [13] },
    { params: {}, input: [9] },
  ],
  detail: ({ numParameters }) => (numParameters === 1 ? '' : `${numParameters}`),

  shape(params, input) {
    const [channels] = input as [number];
    const { numParameters } = params;
    if (numParameters === 1 || numParameters === channels) return elementwise.shape(params, input);
    return {
      fault: {
        code: 'slopes-differ-from-channels',
        message: `PReLU has ${numParameters} slopes for ${channels} channels; one for all or one for each is wanted.`,
        repairs: [
          { title: `Use ${channels} slopes`, setParams: { numParameters: channels } },
          { title: 'Use one slope', setParams: { numParameters: 1 } },
        ],
      },
    };
  },

  weights: ({ numParameters, init }) => [flatWeight('weight', [numParameters], { constant: init })],
  countFormula: ({ numParameters }) => `${numParameters}`,

  lower({ numParameters: weights }, lowering) {
    const [channels, height = 1, width = 1] = lowering.inputShape as [number, number?, number?];
    const shared = { pixels: height * width, channels, weights };
    const [x, weight] = [lowering.input, lowering.weight('weight')];
    lowering.emit('preluForward', { x, weight, y: lowering.output(), ...shared });
    lowering.backward((dy, dx) => {
      if (dx) {
        const flow = { dx: dx.tensor, accumulate: dx.accumulate };
        lowering.emit('preluBackwardInput', { x, dy, weight, ...flow, ...shared });
      }
      const gradient = lowering.weightGradient('weight');
      if (!gradient) return;
      const partCount = Math.min(GRADIENT_PARTS, lowering.batch);
      const parts = lowering.temporary('dWeight', partCount * weights);
      lowering.emit('preluBackwardWeight', { x, dy, parts, partCount, ...shared });
      lowering.emit('sumParts', { parts, sum: gradient, count: weights, partCount });
    });
  },

  pytorch: {
    module: 'nn.PReLU',
    arguments: [whole('num_parameters', 'numParameters', 1), real('init', 'init', 0.25)],
  },
  keras({ numParameters, init }, input) {
    const axes = input.map((_, i) => i + 1);
    const shared = numParameters === 1 ? axes : axes.slice(0, -1);
    return {
      calls: [
        kerasCall('PReLU', [], {
          alpha_initializer: { code: `keras.initializers.Constant(${init})` },
          shared_axes: shared.length > 0 ? shared : undefined,
        }),
      ],
    };
  },
  onnx: ['PRelu'],
});
