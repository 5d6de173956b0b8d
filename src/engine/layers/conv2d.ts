/**
 * Conv2d: learned filters slide over the image (cross-correlation, as in torch.nn.Conv2d: the kernel is not
 * flipped). Zero padding only.
 */
import { type Fields, integer, padding, pair, toggle, type Values } from './fields.ts';
import { PANEL } from './instructions.ts';
import { defineLayer, flatWeight, panelWeight, type Weight } from './layer.ts';
import type { Lowering, Tensor } from './lowering.ts';
import type { Repair } from './repair.ts';
import type { Shape } from './shape.ts';
import {
  pairCode,
  pairText,
  reachOf,
  resolvePadding,
  type SlidingWindow,
  slide,
  wantsImage,
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
    help: 'Rows and columns of zeros around the image. “same” keeps the size at stride 1.',
    initial: [1, 1, 1, 1],
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
  const weight = panelWeight('weight', [outChannels, perGroup, ...kernelSize], initial, { groups, learning });
  return params.bias ? [weight, flatWeight('bias', [outChannels], initial, learning)] : [weight];
}

/** Repairs of groups that do not divide the channels: the nearest number that does, or as many filters. */
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
  ],

  detail(params) {
    const { outChannels, kernelSize, stride, groups } = params;
    const sides = typeof params.padding === 'string' ? params.padding : windowOf(params).sides;
    const parts = [`${outChannels}`, pairText(kernelSize), `s${pairCode(stride)}`];
    if (typeof sides === 'string') parts.push(sides);
    else if (sides.every(side => side === sides[0])) parts.push(`p${sides[0]}`);
    else parts.push(`p(${sides.join(',')})`);
    if (groups > 1) parts.push(`g${groups}`);
    return parts.join(' · ');
  },

  shape(params, input) {
    const fault = wantsImage('Conv2d', input);
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
    lowerConvolution(lowering, lowering.inputShape, lowering.outputShape, windowOf(params), params);
  },

  pytorch(params, input) {
    const { outChannels, kernelSize, stride, dilation, groups, bias } = params;
    const sides = windowOf(params).sides;
    const args = [`${input[0]}`, `${outChannels}`, `kernel_size=${pairCode(kernelSize)}`];
    if (stride.some(step => step !== 1)) args.push(`stride=${pairCode(stride)}`);
    const symmetric = sides[0] === sides[1] && sides[2] === sides[3];
    if (params.padding === 'same') args.push("padding='same'");
    else if (symmetric && sides.some(side => side > 0))
      args.push(`padding=${pairCode([sides[0], sides[2]])}`);
    if (dilation.some(step => step !== 1)) args.push(`dilation=${pairCode(dilation)}`);
    if (groups !== 1) args.push(`groups=${groups}`);
    if (!bias) args.push('bias=False');
    const call = `nn.Conv2d(${args.join(', ')})`;
    if (params.padding === 'same' || symmetric) return call;
    return `nn.Sequential(nn.ZeroPad2d((${sides[2]}, ${sides[3]}, ${sides[0]}, ${sides[1]})), ${call})`;
  },
  keras: 'Conv2D',
  onnx: ['Conv'],
});

/** Groups of images whose weight gradients are summed apart: enough for many workers, and always the same. */
const PARTS = 8;

/**
 * Emits a convolution and its backward pass. Linear is one too: an image of one pixel under a 1×1 kernel.
 * Shapes are `[channels, height, width]`.
 */
export function lowerConvolution(
  lowering: Lowering,
  input: Shape,
  output: Shape,
  window: SlidingWindow,
  { groups, bias }: { groups: number; bias: boolean },
): void {
  const geometry = {
    channels: input[0]!,
    height: input[1]!,
    width: input[2]!,
    outChannels: output[0]!,
    outHeight: output[1]!,
    outWidth: output[2]!,
    kernelHeight: window.kernelSize[0],
    kernelWidth: window.kernelSize[1],
    strideHeight: window.stride[0],
    strideWidth: window.stride[1],
    dilationHeight: window.dilation[0],
    dilationWidth: window.dilation[1],
    paddingTop: window.sides[0],
    paddingLeft: window.sides[2],
    groups,
  };
  const x = lowering.input;
  const weight = lowering.weight('weight');
  lowering.emit('conv2dForward', {
    x,
    weight,
    bias: bias ? lowering.weight('bias') : null,
    y: lowering.output(),
    ...geometry,
  });
  lowering.backward((dy, dx) => {
    if (dx) {
      const taps = window.kernelSize[0] * window.kernelSize[1];
      const panels = Math.ceil(input[0]! / groups / PANEL) * PANEL;
      const transposed = lowering.temporary('transposed', groups * panels * taps * (output[0]! / groups));
      lowering.emit('conv2dTransposeWeight', { weight, transposed, ...geometry });
      lowering.emit('conv2dBackwardInput', {
        dy,
        transposed,
        dx: dx.tensor,
        accumulate: dx.accumulate,
        ...geometry,
      });
    }
    const [gradient, biasGradient] = [
      lowering.weightGradient('weight'),
      bias && lowering.weightGradient('bias'),
    ];
    if (!gradient) return;
    const parts = Math.min(PARTS, lowering.batch);
    const dWeight = lowering.temporary('dWeight', parts * weight.count);
    const dBias = lowering.temporary('dBias', parts * output[0]!);
    lowering.emit('conv2dBackwardWeight', { x, dy, dWeight, dBias, parts, ...geometry });
    const sum = (parted: Tensor, whole: Tensor) =>
      lowering.emit('sumParts', { parts: parted, sum: whole, count: whole.count, partCount: parts });
    sum(dWeight, gradient);
    if (biasGradient) sum(dBias, biasGradient);
  });
}
