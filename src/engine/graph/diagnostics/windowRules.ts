/** Warnings about sliding windows: unread pixels, needless padding. */
import type { Pair, Sides } from '../../layers/fields.ts';
import type { Repair } from '../../layers/repair.ts';
import { pairText } from '../../layers/window.ts';
import {
  AXES,
  type Finding,
  type LayerRef,
  type Rule,
  spanOf,
  type Window,
  windowOf,
} from './ruleContext.ts';

/** The number of rows and columns that no window reads: the remainder of the division by the stride. */
function unreadOf(layer: LayerRef, window: Window): Pair {
  const span = spanOf(window);
  const unread = AXES.map((_, i) => {
    const [before, after] = [window.sides[2 * i]!, window.sides[2 * i + 1]!];
    const rest = layer.figures.inputs[0]![i + 1]! + before + after - span[i]!;
    return window.ceil ? 0 : Math.max(0, (rest % window.stride[i]!) - after);
  });
  return [unread[0]!, unread[1]!];
}

/** Not reported below one unread row in this many: large first strides seldom divide the image evenly. */
const MIN_UNREAD_RATIO = 100;

function unreadPixels(layer: LayerRef): Finding | undefined {
  const window = windowOf(layer);
  if (!window || window.stride.some((stride, i) => stride > spanOf(window)[i]!)) return undefined;
  const unread = unreadOf(layer, window);
  const input = layer.figures.inputs[0]!;
  const axis = AXES.findIndex((_, i) => unread[i]! * MIN_UNREAD_RATIO > input[i + 1]!);
  if (axis < 0) return undefined;
  const [n, k, s] = [input[axis + 1]!, spanOf(window)[axis]!, window.stride[axis]!];
  const lines = axis === 0 ? 'rows at the bottom' : 'columns at the right';
  const padded = n + window.sides[2 * axis]! + window.sides[2 * axis + 1]!;
  const message = `${layer.node.name}: ${unread[axis]} of ${n} ${lines} are never read, for (${padded} − ${k}) / ${s} = ${round((padded - k) / s)} is not whole.`;
  return { message, repairs: readAll(layer, window, unread) };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

function readAll({ kind, figures }: LayerRef, window: Window, unread: Pair): Repair[] {
  if ('ceilMode' in kind.fields)
    return [{ title: 'Let the last window reach over the edge', setParams: { ceilMode: true } }];
  const span = spanOf(window);
  const missing = AXES.map((_, i) => {
    const padded = figures.inputs[0]![i + 1]! + window.sides[2 * i]! + window.sides[2 * i + 1]!;
    const rest = (padded - span[i]!) % window.stride[i]!;
    return unread[i]! > 0 ? window.stride[i]! - rest : 0;
  }) as [number, number];
  if (Array.isArray(figures.params.padding) && figures.params.padding.length === 2) {
    const sides = [window.sides[0], window.sides[2]];
    const padding = sides.map((side, i) => side + Math.ceil(missing[i]! / 2));
    const fits = padding.every((side, i) => side <= window.kernelSize[i]! / 2);
    return fits ? [{ title: `Pad by ${pairText(padding as [number, number])}`, setParams: { padding } }] : [];
  }
  const [top, bottom, left, right] = window.sides;
  const padding: Sides = [top, bottom + missing[0], left, right + missing[1]];
  const where = missing[0] && missing[1] ? 'bottom and right' : missing[0] ? 'bottom' : 'right';
  return [{ title: `Pad the ${where} by ${Math.max(...missing)} more`, setParams: { padding } }];
}

/** Not for 1×1 convolutions of stride 2, which are usual in shortcuts of residual networks. */
function gaps(layer: LayerRef): Finding | undefined {
  const window = windowOf(layer);
  if (!window || window.kernelSize.every(extent => extent === 1)) return undefined;
  const { kernelSize, stride } = window;
  const input = layer.figures.inputs[0]!;
  const span = spanOf(window);
  if (!stride.some((step, i) => step > span[i]! && input[i + 1]! > span[i]!)) return undefined;
  const read = Math.min(1, span[0] / stride[0]) * Math.min(1, span[1] / stride[1]);
  const what = layer.kind.family === 'pooling' ? 'window' : 'kernel';
  return {
    message: `${layer.node.name}: the ${what} spans ${pairText(span)} and moves by ${pairText(stride)}, so ${Math.round(100 * (1 - read))} % of the pixels lie in gaps that nobody reads.`,
    repairs: [
      {
        title: `Move by ${pairText(span)}`,
        setParams: { stride: stride.map((step, i) => Math.min(step, span[i]!)) },
      },
      {
        title: `Widen the ${what} to ${pairText([Math.max(stride[0], kernelSize[0]), Math.max(stride[1], kernelSize[1])])}`,
        setParams: {
          kernelSize: kernelSize.map((extent, i) => Math.max(extent, stride[i]!)),
          dilation: [1, 1],
        },
      },
    ].filter(({ setParams }) => Object.keys(setParams).every(name => name in layer.kind.fields)),
  };
}

function evenSame(layer: LayerRef): Finding | undefined {
  const window = windowOf(layer);
  if (!window || layer.figures.params.padding !== 'same') return undefined;
  const [top, bottom, left, right] = window.sides;
  if (top === bottom && left === right) return undefined;
  const odd = (by: 1 | -1) =>
    window.kernelSize.map(extent => (extent % 2 ? extent : extent + by)) as [number, number];
  return {
    message: `${layer.node.name}: an even kernel has no middle, so “same” pads ${top} above and ${bottom} below, ${left} left and ${right} right: the image shifts by half a pixel.`,
    repairs: [odd(-1), odd(1)].map(kernelSize => ({
      title: `Use a ${pairText(kernelSize)} kernel`,
      setParams: { kernelSize },
    })),
  };
}

function wideness(layer: LayerRef): Finding | undefined {
  const window = windowOf(layer);
  if (!window || (layer.figures.params.paddingMode ?? 'zeros') !== 'zeros') return undefined;
  const span = spanOf(window);
  const side = window.sides.findIndex((pixels, i) => pixels >= span[i >> 1]!);
  if (side < 0) return undefined;
  const half = span.map(extent => Math.floor((extent - 1) / 2)) as [number, number];
  const asPair = (layer.figures.params.padding as readonly unknown[]).length === 2;
  const padding = asPair ? half : [half[0], half[0], half[1], half[1]];
  return {
    message: `${layer.node.name}: padding ${window.sides[side]} is not less than the ${span[side >> 1]} pixels that the kernel spans, so its outermost outputs see padding only.`,
    repairs: [{ title: `Pad by ${pairText(half)}`, setParams: { padding } }],
  };
}

function dilated(layer: LayerRef): Finding | undefined {
  const window = windowOf(layer);
  const input = layer.figures.inputs[0]!;
  if (!window) return undefined;
  const span = spanOf(window);
  const axis = AXES.findIndex((_, i) => window.dilation[i]! > 1 && span[i]! > input[i + 1]!);
  if (axis < 0) return undefined;
  const dilation = window.dilation.map((step, i) =>
    Math.max(1, Math.min(step, Math.floor((input[i + 1]! - 1) / Math.max(1, window.kernelSize[i]! - 1)))),
  ) as [number, number];
  const less = window.dilation.map((step, i) => (step - dilation[i]!) * (window.kernelSize[i]! - 1));
  const trimmed = window.sides.map((side, i) => Math.max(0, side - Math.ceil(less[i >> 1]! / 2)));
  const { padding } = layer.figures.params;
  const kept = Array.isArray(padding)
    ? { padding: padding.length === 2 ? [trimmed[0], trimmed[2]] : trimmed }
    : {};
  return {
    message: `${layer.node.name}: with dilation ${window.dilation[axis]} the kernel spans ${span[axis]} pixels of ${input[axis + 1]} in ${AXES[axis]}: wherever it stands, some of its weights see padding only.`,
    repairs: [
      { title: `Use dilation ${pairText(dilation)}`, setParams: { dilation, ...kept } },
      { title: 'Use no dilation', setParams: { dilation: [1, 1] } },
    ],
  };
}

export const windowRules: readonly Rule[] = [
  { code: 'unread-pixels', severity: 'warning', scope: 'node', find: unreadPixels },
  { code: 'stride-larger-than-window', severity: 'warning', scope: 'node', find: gaps },
  { code: 'even-kernel-same-padding', severity: 'warning', scope: 'node', find: evenSame },
  { code: 'padding-too-large', severity: 'warning', scope: 'node', find: wideness },
  { code: 'dilation-larger-than-input', severity: 'warning', scope: 'node', find: dilated },
];
