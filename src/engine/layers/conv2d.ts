/**
 * Conv2d: learned filters slide over the image (cross-correlation, as in torch.nn.Conv2d: the kernel is not
 * flipped). It starts from random weights, as PyTorch draws them, or from a kernel given by hand (fixedKernels.ts).
 */
import { emitConvolution } from './convolution.ts';
import { choice, type Fields, integer, kernel, padding, pair, toggle, type Values } from './fields.ts';
import {
  filterStartText,
  fixedWeights,
  initialKernels,
  LEARNED,
  refusesFixedKernel,
} from './fixedKernels.ts';
import { isKerasSame, kerasCall, kerasPad, pairValue, unlessDefault, unlessOne } from './kerasForm.ts';
import { defineLayer, flatWeight, panelWeight, type Weight } from './layer.ts';
import { lowerPadded, paddingFault } from './padding.ts';
import { paddingModes } from './paddingMode.ts';
import type { Repair } from './repair.ts';
import type { Shape } from './shape.ts';
import { flag, flowsIn, paddings, pairs, whole, word } from './torchForm.ts';
import {
  pairCode,
  pairText,
  reachOf,
  resolvePadding,
  type SlidingWindow,
  slide,
  vectorInputFault,
} from './window.ts';

const fields = {
  outChannels: integer({
    label: 'Filters',
    help: 'How many features it looks for: one output channel each.',
    initial: 32,
    min: 1,
  }),
  kernelSize: pair({ label: 'Kernel', help: 'Height and width of a filter.', initial: [3, 3], min: 1 }),
  stride: pair({
    label: 'Stride',
    help: 'Pixels between two positions of the filter.',
    initial: [1, 1],
    min: 1,
  }),
  padding: padding({
    label: 'Padding',
    help: 'Rows and columns around the image. “same” keeps the size at stride 1.',
    initial: [1, 1, 1, 1],
  }),
  paddingMode: choice({
    label: 'Padded with',
    help: 'zeros; reflect: the image mirrored at its border; replicate: its border pixels; circular: its other end.',
    options: paddingModes,
    initial: 'zeros',
  }),
  dilation: pair({
    label: 'Dilation',
    help: 'Distance between the pixels that a filter reads: 1 reads neighbours.',
    initial: [1, 1],
    min: 1,
  }),
  groups: integer({
    label: 'Groups',
    help: 'Splits the channels into groups that do not see each other. As many groups as channels is depthwise.',
    initial: 1,
    min: 1,
  }),
  bias: toggle({ label: 'Bias', help: 'Adds one learned number to every output channel.', initial: true }),
  weights: kernel({
    label: 'Starts as',
    help: 'Learned filters start at random. A known 3×3 kernel, or numbers of your own, lies over every input channel, and their sums are added.',
    options: initialKernels,
    initial: LEARNED,
  }),
  frozen: toggle({
    label: 'Frozen',
    help: 'Keeps its weights as they are: training changes the other layers only.',
    initial: false,
  }),
} satisfies Fields;

type Params = Values<typeof fields>;

function windowOf(params: Params): SlidingWindow {
  return { ...params, sides: resolvePadding(params.padding, params.kernelSize, params.dilation) };
}

function weightsOf(params: Params, input: Shape): readonly Weight[] {
  const { outChannels, kernelSize, groups } = params;
  const perGroup = input[0]! / groups;
  // PyTorch's default, kaiming_uniform_(a=√5), is uniform within 1/√fan_in for weight and bias alike.
  const initial = { uniform: 1 / Math.sqrt(perGroup * kernelSize[0] * kernelSize[1]) };
  const learning = params.frozen ? 'frozen' : 'trained';
  const shape = [outChannels, perGroup, ...kernelSize];
  const fixed = fixedWeights(params.weights);
  const weight = panelWeight('weight', shape, fixed ?? initial, { groups, learning });
  const bias = flatWeight('bias', [outChannels], fixed ? { constant: 0 } : initial, learning);
  return params.bias ? [weight, bias] : [weight];
}

/**
 * Repairs for groups that do not divide the channels: the nearest number that does, or a suitable number of filters.
 */
function regroup(groups: number, channels: number, outChannels: number): readonly Repair[] {
  const divides = (count: number) => channels % count === 0 && outChannels % count === 0;
  const counts = Array.from({ length: Math.min(channels, outChannels) }, (_, i) => i + 1).filter(divides);
  const nearest = counts.reduce((a, b) => (Math.abs(b - groups) < Math.abs(a - groups) ? b : a), 1);
  const repairs: Repair[] = [
    { title: nearest === 1 ? 'Use one group' : `Use ${nearest} groups`, setParams: { groups: nearest } },
  ];
  if (channels % groups === 0) {
    const filters = Math.max(1, Math.round(outChannels / groups)) * groups;
    repairs.push({ title: `Use ${filters} filters`, setParams: { outChannels: filters } });
  }
  return repairs;
}

export const conv2d = defineLayer({
  kind: 'Conv2d',
  family: 'convolution',
  summary: 'Learned filters sweep the image.',
  help: 'Every filter is a small pattern. At each position the pixels under it are multiplied by its weights and summed: a high value says that the pattern is there. The sums form one output channel per filter.',
  formula:
    'y[o, i, j] = b[o] + Σ over c, m, n: w[o, c, m, n] · x[c, s·i + d·m − p, s·j + d·n − p]\nsize = ⌊(n + p before + p after − d·(k − 1) − 1) / s⌋ + 1',
  picture: params => ({ view: 'window', way: 'gather', ...windowOf(params) }),
  fields,
  inputs: 1,
  examples: [
    { params: { outChannels: 5 }, input: [3, 9, 8] },
    {
      params: { outChannels: 9, kernelSize: [5, 3], stride: [2, 1], padding: [2, 1, 0, 2] },
      input: [4, 11, 10],
    },
    { params: { outChannels: 8, kernelSize: [3, 3], padding: 'same', dilation: [2, 1] }, input: [2, 9, 9] },
    { params: { outChannels: 12, kernelSize: [4, 4], padding: 'same', bias: false }, input: [3, 7, 7] },
    { params: { outChannels: 6, groups: 3, padding: 'valid' }, input: [6, 6, 7] },
    { params: { outChannels: 17, kernelSize: [1, 1], stride: [2, 2], padding: 'valid' }, input: [10, 5, 5] },
    {
      params: { outChannels: 3, kernelSize: [3, 3], stride: [3, 3], padding: [0, 0, 0, 0] },
      input: [1, 8, 8],
    },
    { params: { outChannels: 5, paddingMode: 'reflect', padding: [2, 1, 0, 3] }, input: [3, 5, 6] },
    { params: { outChannels: 4, paddingMode: 'replicate', padding: [7, 1, 0, 6] }, input: [9, 5, 4] },
    {
      params: { outChannels: 6, paddingMode: 'circular', padding: [1, 5, 2, 4], stride: [2, 3], groups: 2 },
      input: [2, 5, 4],
    },
    {
      params: {
        outChannels: 3,
        kernelSize: [4, 3],
        paddingMode: 'reflect',
        padding: 'same',
        dilation: [1, 2],
      },
      input: [2, 6, 7],
    },
    { params: { outChannels: 2, weights: 'left edge' }, input: [3, 6, 5] },
    { params: { outChannels: 4, weights: 'sharpen', frozen: true, groups: 2 }, input: [4, 5, 5] },
    {
      params: { outChannels: 2, kernelSize: [2, 3], weights: [0.5, -1, 2, 0, 1.25, -0.3], frozen: true },
      input: [3, 5, 6],
    },
  ],

  detail(params) {
    const { outChannels, kernelSize, stride, groups } = params;
    const sides = typeof params.padding === 'string' ? params.padding : windowOf(params).sides;
    const parts = [`${outChannels}`, pairText(kernelSize), `s${pairCode(stride)}`];
    if (typeof sides === 'string') parts.push(sides);
    else if (sides.every(side => side === sides[0])) parts.push(`p${sides[0]}`);
    else parts.push(`p(${sides.join(',')})`);
    if (groups > 1) parts.push(`g${groups}`);
    if (params.paddingMode !== 'zeros') parts.push(params.paddingMode);
    if (params.weights !== LEARNED) parts.push(filterStartText(params.weights));
    return parts.join(' · ');
  },

  shape(params, input) {
    const fault = vectorInputFault('Conv2d', input);
    if (fault) return { fault };
    const { outChannels, groups } = params;
    if (input[0]! % groups !== 0 || outChannels % groups !== 0) {
      return {
        fault: {
          code: 'channels-not-divisible-by-groups',
          message: `${groups} groups must divide the ${input[0]} input channels and the ${outChannels} filters.`,
          repairs: regroup(groups, input[0]!, outChannels),
        },
      };
    }
    if (params.padding === 'same' && params.stride.some(step => step !== 1)) {
      return {
        fault: {
          code: 'same-padding-with-stride',
          message: 'Padding “same” keeps the size, so PyTorch refuses it with a stride other than 1.',
          repairs: [
            { title: 'Pad by half the kernel', setParams: { padding: windowOf(params).sides } },
            { title: 'Use stride 1', setParams: { stride: [1, 1] } },
          ],
        },
      };
    }
    const refused =
      paddingFault(params.paddingMode, windowOf(params).sides, input) ??
      refusesFixedKernel(params.weights, params.kernelSize);
    if (refused) return { fault: refused };
    const slid = slide(input, windowOf(params));
    if ('fault' in slid) {
      const half = resolvePadding('same', params.kernelSize, params.dilation);
      const pad = { title: 'Pad by half the kernel', setParams: { padding: half } };
      return { fault: { ...slid.fault, repairs: [pad, ...slid.fault.repairs] } };
    }
    return { shape: { value: [outChannels, ...slid.extents], why: slid.why } };
  },

  weights: weightsOf,

  countFormula({ outChannels, kernelSize, groups, bias }, input) {
    const filter = `${kernelSize[0]}·${kernelSize[1]}·${input[0]! / groups}`;
    return bias ? `${outChannels} · (${filter} + 1)` : `${outChannels} · ${filter}`;
  },

  macs({ outChannels, kernelSize, groups }, input, output) {
    const perGroup = input[0]! / groups;
    const [, height, width] = output as [number, number, number];
    return {
      value: outChannels * height * width * kernelSize[0] * kernelSize[1] * perGroup,
      why: `${outChannels}·${height}·${width} outputs × ${kernelSize[0]}·${kernelSize[1]}·${perGroup}`,
    };
  },

  reach: params => reachOf(windowOf(params)),

  lower(params, lowering) {
    const window = windowOf(params);
    lowerPadded(lowering, params.paddingMode, window.sides, (x, shape, sides) =>
      emitConvolution(lowering, x, shape, lowering.outputShape, { ...window, sides }, params),
    );
  },

  pytorch: {
    module: 'nn.Conv2d',
    arguments: [
      flowsIn('in_channels'),
      whole('out_channels', 'outChannels'),
      { ...pairs('kernel_size', 'kernelSize'), named: true },
      pairs('stride', 'stride', 1),
      paddings('padding', 'padding', 0),
      pairs('dilation', 'dilation', 1),
      whole('groups', 'groups', 1),
      flag('bias', 'bias', true),
      word('padding_mode', 'paddingMode', 'zeros'),
    ],
    split(params) {
      const { sides } = windowOf(params);
      const symmetric = sides[0] === sides[1] && sides[2] === sides[3];
      if (params.padding === 'same' || symmetric) return null;
      const pad = { mode: params.paddingMode, sides };
      return { pad, params: { ...params, padding: 'valid' as const, paddingMode: 'zeros' as const } };
    },
  },

  keras(params, input) {
    const { outChannels, kernelSize, stride, dilation, groups, bias, paddingMode } = params;
    // Keras takes a stride or a dilation, not both; a pooling window of one pixel takes every n-th.
    const isBoth = stride.some(step => step > 1) && dilation.some(step => step > 1);
    const window = { ...windowOf(params), ...(isBoth ? { stride: [1, 1] as const } : {}) };
    const same = paddingMode === 'zeros' && isKerasSame(input, window);
    const isPadded = window.sides.some(side => side > 0);
    const before = same ? [] : kerasPad(paddingMode, window.sides);
    const conv = kerasCall('Conv2D', [outChannels, pairValue(kernelSize)], {
      strides: unlessOne(window.stride),
      padding: same && isPadded ? 'same' : undefined,
      dilation_rate: unlessOne(dilation),
      groups: unlessDefault(1, groups),
      use_bias: unlessDefault(true, bias),
    });
    const after = isBoth ? [kerasCall('MaxPooling2D', [1], { strides: pairValue(stride) })] : [];
    return { calls: [...before, conv, ...after], main: before.length };
  },
  onnx: ['Conv'],
});
