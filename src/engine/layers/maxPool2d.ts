/** MaxPool2d: the largest value under each position of a window (torch.nn.MaxPool2d, floor mode). */
import { type Fields, pair, type Values } from './fields.ts';
import { defineLayer, type Fault, withoutWeights } from './layer.ts';
import type { Repair } from './repair.ts';
import { sizeOf } from './shape.ts';
import { pairCode, pairText, reachOf, type SlidingWindow, slide, wantsImage } from './window.ts';

const fields = {
  kernelSize: pair({ label: 'Window', help: 'Height and width of the window.', initial: [2, 2], min: 1 }),
  stride: pair({
    label: 'Stride',
    help: 'Pixels between two windows. Equal to the window: they tile; smaller: they overlap; larger: they leave gaps.',
    initial: [2, 2],
    min: 1,
  }),
  padding: pair({
    label: 'Padding',
    help: 'Rows and columns added around the image; they never win. At most half the window.',
    initial: [0, 0],
  }),
  dilation: pair({ label: 'Dilation', help: 'Distance between the pixels read.', initial: [1, 1], min: 1 }),
} satisfies Fields;

type Params = Values<typeof fields>;

function windowOf(params: Params): SlidingWindow {
  const [vertical, horizontal] = params.padding;
  return { ...params, sides: [vertical, vertical, horizontal, horizontal] };
}

/** The fault of a pooling whose window is larger than what is left of the image. */
export function pooledToNothing({ message, repairs }: Fault): Fault {
  const remove: Repair = { title: 'Remove this pooling', remove: true };
  return { code: 'pooled-to-nothing', message, repairs: [remove, ...repairs] };
}

export const maxPool2d = defineLayer({
  ...withoutWeights,
  kind: 'MaxPool2d',
  family: 'pooling',
  summary: 'Keeps the largest value of each window.',
  help: 'Makes the image smaller and keeps the strongest evidence in each window, so that small shifts of the input change little. It learns nothing.',
  fields,
  inputs: 1,
  examples: [
    { params: {}, input: [3, 8, 8] },
    { params: { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] }, input: [9, 7, 9] },
    { params: { kernelSize: [2, 3], stride: [1, 2], padding: [0, 1] }, input: [4, 6, 7] },
    { params: { kernelSize: [2, 2], stride: [3, 3] }, input: [2, 8, 8] },
    { params: { kernelSize: [2, 2], stride: [1, 1], dilation: [2, 3] }, input: [2, 7, 7] },
  ],

  detail: ({ kernelSize, stride }) => `${pairText(kernelSize)} · s${pairCode(stride)}`,

  shape(params, input) {
    const fault = wantsImage('MaxPool2d', input);
    if (fault) return { fault };
    const { padding, kernelSize } = params;
    if (padding.some((pixels, i) => pixels > kernelSize[i]! / 2)) {
      return {
        fault: {
          code: 'pool-padding-too-large',
          message: `Padding ${pairText(padding)} is more than half the window ${pairText(kernelSize)}: some windows would hold no pixel.`,
          repairs: [
            {
              title: 'Pad by half the window',
              setParams: { padding: kernelSize.map(extent => Math.floor(extent / 2)) },
            },
            { title: 'Use no padding', setParams: { padding: [0, 0] } },
          ],
        },
      };
    }
    const slid = slide(input, windowOf(params));
    if ('fault' in slid) return { fault: pooledToNothing(slid.fault) };
    return { shape: { value: [input[0]!, ...slid.extents], why: slid.why } };
  },

  macs: () => ({ value: 0, why: '0: comparisons, no multiplications' }),

  reach: params => reachOf(windowOf(params)),

  lower(params, lowering) {
    const [channels, height, width] = lowering.inputShape as [number, number, number];
    const [outChannels, outHeight, outWidth] = lowering.outputShape as [number, number, number];
    const geometry = {
      channels,
      height,
      width,
      outChannels,
      outHeight,
      outWidth,
      kernelHeight: params.kernelSize[0],
      kernelWidth: params.kernelSize[1],
      strideHeight: params.stride[0],
      strideWidth: params.stride[1],
      dilationHeight: params.dilation[0],
      dilationWidth: params.dilation[1],
      paddingTop: params.padding[0],
      paddingLeft: params.padding[1],
      groups: channels,
    };
    const argmax = lowering.temporary('argmax', lowering.batch * sizeOf(lowering.outputShape), 'int32');
    lowering.emit('maxPool2dForward', { x: lowering.input, y: lowering.output(), argmax, ...geometry });
    lowering.backward((dy, dx) => {
      if (!dx) return;
      lowering.emit('maxPool2dBackward', {
        dy,
        argmax,
        dx: dx.tensor,
        accumulate: dx.accumulate,
        ...geometry,
      });
    });
  },

  pytorch({ kernelSize, stride, padding, dilation }) {
    const args = [`kernel_size=${pairCode(kernelSize)}`, `stride=${pairCode(stride)}`];
    if (padding.some(pixels => pixels > 0)) args.push(`padding=${pairCode(padding)}`);
    if (dilation.some(step => step !== 1)) args.push(`dilation=${pairCode(dilation)}`);
    return `nn.MaxPool2d(${args.join(', ')})`;
  },
  keras: 'MaxPooling2D',
  onnx: ['MaxPool'],
});
