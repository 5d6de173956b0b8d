/**
 * ConvTranspose2d: each pixel is spread over a window, weighted by learned filters (torch.nn.ConvTranspose2d).
 * It is the backward pass of the convolution that goes from its output to its input, and is computed as such.
 */
import { emitTransposedConvolution } from './convolution.ts';
import type { Fault } from './fault.ts';
import { type Fields, integer, pair, toggle, type Values } from './fields.ts';
import {
  type KerasForm,
  kerasCall,
  kerasPad,
  nestedSides,
  pairValue,
  unlessDefault,
  unlessOne,
} from './kerasForm.ts';
import { defineLayer, flatWeight, panelWeight } from './layer.ts';
import { bothAxes, transposed } from './pixelReach.ts';
import { type Shape, shapeText } from './shape.ts';
import { flag, flowsIn, ignoredArgument, pairs, whole } from './torchForm.ts';
import { pairCode, pairText, type SlidingWindow, vectorInputFault } from './window.ts';

const fields = {
  outChannels: integer({ label: 'Filters', help: 'How many channels come out.', initial: 32, min: 1 }),
  kernelSize: pair({
    label: 'Kernel',
    help: 'Height and width of the window that a pixel is spread over. A multiple of the stride leaves no checkerboard.',
    initial: [3, 3],
    min: 1,
  }),
  stride: pair({
    label: 'Stride',
    help: 'How many times larger the image becomes: pixels between two windows of the output.',
    initial: [1, 1],
    min: 1,
  }),
  padding: pair({
    label: 'Padding',
    help: 'Rows and columns cut off the border of the output: those that the convolution of the same setting adds.',
    initial: [0, 0],
  }),
  outputPadding: pair({
    label: 'Output padding',
    help: 'Rows and columns more at the end. Several input sizes give the same size under a stride; this one chooses.',
    initial: [0, 0],
  }),
  dilation: pair({
    label: 'Dilation',
    help: 'Distance between the pixels that a pixel is spread to.',
    initial: [1, 1],
    min: 1,
  }),
  groups: integer({
    label: 'Groups',
    help: 'Splits the channels into groups that do not see each other.',
    initial: 1,
    min: 1,
  }),
  bias: toggle({ label: 'Bias', help: 'Adds one learned number to every output channel.', initial: true }),
} satisfies Fields;

type Params = Values<typeof fields>;

/** The window of the convolution whose backward pass this is. */
function windowOf({ kernelSize, stride, dilation, padding: [vertical, horizontal] }: Params): SlidingWindow {
  return { kernelSize, stride, dilation, sides: [vertical, vertical, horizontal, horizontal] };
}

function refuses(params: Params, input: Shape): Fault | undefined {
  const { outChannels, groups, outputPadding, stride, dilation } = params;
  if (input[0]! % groups !== 0 || outChannels % groups !== 0) {
    return {
      code: 'channels-not-divisible-by-groups',
      message: `${groups} groups must divide the ${input[0]} input channels and the ${outChannels} filters.`,
      repairs: [{ title: 'Use one group', setParams: { groups: 1 } }],
    };
  }
  const fits = (pixels: number, axis: number) => pixels < stride[axis]! || pixels < dilation[axis]!;
  if (!outputPadding.every(fits)) {
    return {
      code: 'output-padding-too-large',
      message: `Output padding ${pairText(outputPadding)} must be smaller than the stride ${pairText(stride)} or the dilation ${pairText(dilation)}.`,
      repairs: [{ title: 'Use no output padding', setParams: { outputPadding: [0, 0] } }],
    };
  }
  return undefined;
}

/**
 * Keras's Conv2DTranspose without padding gives max(kernel, stride) pixels for each input pixel; what is too much is
 * cropped. Additional rows at the end (output_padding) come from padding the input with zeros, to which only the bias
 * is added.
 */
function kerasTransposed(params: Params, input: Shape, output: Shape): KerasForm {
  const { outChannels, kernelSize, stride, padding, dilation, groups, bias } = params;
  if (groups > 1) return { impossible: 'Keras has no groups in transposed convolutions' };
  if (dilation.some(step => step > 1) && stride.some(step => step > 1)) {
    return { impossible: 'Keras takes no dilation with a stride in transposed convolutions' };
  }
  const axes = [0, 1].map(i => {
    const reach = dilation[i]! * (kernelSize[i]! - 1) + 1;
    const full = input[i + 1]! * stride[i]! + Math.max(reach - stride[i]!, 0);
    const rows = Math.max(0, Math.ceil((output[i + 1]! + padding[i]! - full) / stride[i]!));
    return { rows, cut: full + rows * stride[i]! - padding[i]! - output[i + 1]! };
  });
  const [vertical, horizontal] = axes as [(typeof axes)[0], (typeof axes)[0]];
  const before = kerasPad('zeros', [0, vertical.rows, 0, horizontal.rows]);
  const conv = kerasCall('Conv2DTranspose', [outChannels, pairValue(kernelSize)], {
    strides: unlessOne(stride),
    dilation_rate: unlessOne(dilation),
    use_bias: unlessDefault(true, bias),
  });
  const cuts = [padding[0], vertical.cut, padding[1], horizontal.cut] as const;
  const crop = cuts.every(cut => cut === 0) ? [] : [kerasCall('Cropping2D', [nestedSides(cuts)])];
  return { calls: [...before, conv, ...crop], main: before.length };
}

export const convTranspose2d = defineLayer({
  kind: 'ConvTranspose2d',
  family: 'convolution',
  summary: 'Learned filters enlarge the image.',
  help: 'A convolution turned round: every pixel is multiplied by each filter and laid down as a patch of the output, patches a stride apart, and where they overlap they are added. Decoders and generators use it to grow images.',
  formula:
    'y[o, s·i + d·m − p, s·j + d·n − p] += w[c, o, m, n] · x[c, i, j]\nsize = (n − 1)·s − 2·p + d·(k − 1) + output padding + 1',
  picture: params => ({ view: 'window', way: 'spread', ...windowOf(params) }),
  fields,
  inputs: 1,
  examples: [
    { params: { outChannels: 5 }, input: [3, 5, 4] },
    { params: { outChannels: 9, kernelSize: [2, 2], stride: [2, 2] }, input: [10, 4, 3] },
    {
      params: { outChannels: 4, kernelSize: [3, 5], stride: [2, 3], padding: [1, 2], outputPadding: [1, 2] },
      input: [6, 4, 3],
    },
    { params: { outChannels: 6, kernelSize: [2, 1], stride: [3, 2], bias: false }, input: [4, 3, 4] },
    { params: { outChannels: 6, groups: 2, stride: [2, 1], padding: [1, 0] }, input: [4, 4, 3] },
    {
      params: {
        outChannels: 17,
        kernelSize: [3, 2],
        dilation: [2, 3],
        stride: [1, 2],
        outputPadding: [1, 2],
      },
      input: [3, 4, 3],
    },
    {
      params: { outChannels: 9, groups: 9, kernelSize: [4, 4], stride: [2, 2], padding: [1, 1] },
      input: [9, 3, 3],
    },
  ],

  detail({ outChannels, kernelSize, stride, padding, groups }) {
    const parts = [`${outChannels}`, pairText(kernelSize), `s${pairCode(stride)}`, `p${pairCode(padding)}`];
    if (groups > 1) parts.push(`g${groups}`);
    return parts.join(' · ');
  },

  shape(params, input) {
    const fault = vectorInputFault('ConvTranspose2d', input) ?? refuses(params, input);
    if (fault) return { fault };
    const { kernelSize, stride, padding, outputPadding, dilation } = params;
    const lines: string[] = [];
    const extents = [0, 1].map(i => {
      const [n, s, p, d, k, more] = [
        input[i + 1],
        stride[i],
        padding[i],
        dilation[i],
        kernelSize[i],
        outputPadding[i],
      ];
      const extent = (n! - 1) * s! - 2 * p! + d! * (k! - 1) + more! + 1;
      lines.push(`(${n} − 1)·${s} − 2·${p} + ${d}·(${k} − 1) + ${more} + 1 = ${extent}`);
      return extent;
    });
    if (extents.some(extent => extent < 1)) {
      const message = `Padding ${pairText(padding)} cuts off everything: ${shapeText(input)} would become ${extents.join('×')}.`;
      const repairs = [{ title: 'Use no padding', setParams: { padding: [0, 0] } }];
      return { fault: { code: 'padding-cuts-everything', message, repairs } };
    }
    const why = lines[0] === lines[1] ? lines[0]! : lines.join('\n');
    return { shape: { value: [params.outChannels, ...extents], why } };
  },

  weights({ outChannels, kernelSize, groups, bias }, input) {
    // PyTorch takes fan-in from the weight `[in, out / groups, kh, kw]`: its second axis times the kernel's area.
    const perGroup = outChannels / groups;
    const initial = { uniform: 1 / Math.sqrt(perGroup * kernelSize[0] * kernelSize[1]) };
    const weight = panelWeight('weight', [input[0]!, perGroup, ...kernelSize], initial, { groups });
    return bias ? [weight, flatWeight('bias', [outChannels], initial)] : [weight];
  },

  countFormula({ outChannels, kernelSize, groups, bias }, input) {
    const filters = `${input[0]} · ${kernelSize[0]}·${kernelSize[1]}·${outChannels / groups}`;
    return bias ? `${filters} + ${outChannels}` : filters;
  },

  macs({ outChannels, kernelSize, groups }, input) {
    const [channels, height, width] = input as [number, number, number];
    const perGroup = outChannels / groups;
    return {
      value: channels * height * width * kernelSize[0] * kernelSize[1] * perGroup,
      why: `${channels}·${height}·${width} inputs × ${kernelSize[0]}·${kernelSize[1]}·${perGroup}`,
    };
  },

  reach({ kernelSize, stride, dilation, padding }) {
    return bothAxes(
      transposed(kernelSize[0], stride[0], dilation[0], padding[0]),
      transposed(kernelSize[1], stride[1], dilation[1], padding[1]),
    );
  },

  lower: (params, lowering) =>
    lowering.backward(emitTransposedConvolution(lowering, windowOf(params), params)),

  pytorch: {
    module: 'nn.ConvTranspose2d',
    arguments: [
      flowsIn('in_channels'),
      whole('out_channels', 'outChannels'),
      { ...pairs('kernel_size', 'kernelSize'), named: true },
      pairs('stride', 'stride', 1),
      pairs('padding', 'padding', 0),
      pairs('output_padding', 'outputPadding', 0),
      whole('groups', 'groups', 1),
      flag('bias', 'bias', true),
      pairs('dilation', 'dilation', 1),
      ignoredArgument('padding_mode', 'zeros', ['zeros']),
    ],
  },
  keras: (params, input, output) => kerasTransposed(params, input, output),
  onnx: ['ConvTranspose'],
});
