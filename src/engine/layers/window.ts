/**
 * The arithmetic of a sliding window, for convolutions and poolings. Per axis, as PyTorch documents it
 * (torch.nn.Conv2d, torch.nn.MaxPool2d):
 * `floor((n + padBefore + padAfter - dilation * (k - 1) - 1) / stride) + 1`.
 */
import type { Fault } from './fault.ts';
import type { Padding, Pair, Sides } from './fields.ts';
import { type LayerReach, sliding } from './pixelReach.ts';
import type { Repair } from './repair.ts';
import { type Shape, shapeText } from './shape.ts';

export interface SlidingWindow {
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly sides: Sides;
}

/**
 * The pixels per side of a `padding`. `same` adds `dilation * (k - 1)` in total; if that is odd, one more at the end,
 * as in PyTorch.
 */
export function resolvePadding(padding: Padding, kernelSize: Pair, dilation: Pair): Sides {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding !== 'same') return padding;
  const [vertical, horizontal] = [dilation[0] * (kernelSize[0] - 1), dilation[1] * (kernelSize[1] - 1)];
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
  return [top, vertical - top, left, horizontal - left];
}

const AXES = ['height', 'width'] as const;

/**
 * The output's height and width with the arithmetic, or why the window does not fit. `ceilMode` (poolings): a last
 * window that exceeds the image also counts, if it starts inside the image or the padding before it.
 */
export function slide(
  input: Shape,
  window: SlidingWindow,
  ceilMode = false,
): { extents: Pair; why: string } | { fault: Fault } {
  const { kernelSize, stride, dilation, sides } = window;
  const lines: string[] = [];
  const extents = AXES.map((axis, i) => {
    const [n, before, after, step] = [input[i + 1]!, sides[2 * i]!, sides[2 * i + 1]!, stride[i]!];
    const reach = dilation[i]! * (kernelSize[i]! - 1) + 1;
    const positions = (n + before + after - reach + (ceilMode ? step - 1 : 0)) / step;
    if (positions < 0) return { axis, n: n + before + after, reach };
    const extent = Math.floor(positions) + 1;
    const beyond = ceilMode && (extent - 1) * step >= n + before;
    const steps = `(${n} + ${before} + ${after} − ${dilation[i]}·(${kernelSize[i]} − 1) − 1) / ${step}`;
    const rounded = ceilMode ? `⌈${steps}⌉` : `⌊${steps}⌋`;
    lines.push(
      beyond
        ? `${rounded} + 1 − 1 = ${extent - 1}: one more would start beyond the image`
        : `${rounded} + 1 = ${extent}`,
    );
    return beyond ? extent - 1 : extent;
  });
  const misfit = extents.find(extent => typeof extent === 'object');
  if (misfit) {
    const padded = `the input ${shapeText(input)} is ${misfit.n} in ${misfit.axis} with its padding`;
    return {
      fault: {
        code: 'kernel-larger-than-input',
        message: `The kernel reaches over ${misfit.reach} pixels, but ${padded}.`,
        repairs: [smallerKernel(input, window)],
      },
    };
  }
  const [height, width] = extents as unknown as Pair;
  return { extents: [height, width], why: lines[0] === lines[1] ? lines[0]! : lines.join('\n') };
}

/** The repair for a kernel that does not fit: the largest that does, odd where the present one is odd. */
function smallerKernel(input: Shape, { kernelSize, dilation, sides }: SlidingWindow): Repair {
  const fitting = AXES.map((_, i) => {
    const [present, padded] = [kernelSize[i]!, input[i + 1]! + sides[2 * i]! + sides[2 * i + 1]!];
    const largest = Math.min(present, Math.floor((padded - 1) / dilation[i]!) + 1);
    return largest > 1 && present % 2 === 1 && largest % 2 === 0 ? largest - 1 : largest;
  }) as [number, number];
  return { title: `Use a ${pairText(fitting)} kernel`, setParams: { kernelSize: fitting } };
}

/** Extents of input and output, as operands of instructions. */
export function imagesOf(input: Shape, output: Shape) {
  const [channels, height, width] = input as [number, number, number];
  const [outChannels, outHeight, outWidth] = output as [number, number, number];
  return { channels, height, width, outChannels, outHeight, outWidth };
}

/** The same, with the window. */
export function geometryOf(input: Shape, output: Shape, window: SlidingWindow, groups: number) {
  return {
    ...imagesOf(input, output),
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
}

export type Geometry = ReturnType<typeof geometryOf>;

export function reachOf({ kernelSize, stride, dilation, sides }: SlidingWindow): LayerReach {
  return [
    sliding(kernelSize[0], stride[0], dilation[0], sides[0]),
    sliding(kernelSize[1], stride[1], dilation[1], sides[2]),
  ];
}

/** The fault of an image layer whose input is a vector. */
export function vectorInputFault(kind: string, input: Shape): Fault | undefined {
  if (input.length === 3) return undefined;
  return {
    code: 'wants-image',
    message: `${kind} wants an image (channels × height × width); it gets a vector of ${shapeText(input)}.`,
    repairs: [],
  };
}

/** `3×3`, or `3` for (3, 3) where a parameter is one number. */
export function pairText([height, width]: Pair): string {
  return `${height}×${width}`;
}

/** PyTorch's literal of a pair: `3` where both are equal, else `(3, 1)`. */
export function pairCode([height, width]: Pair): string {
  return height === width ? String(height) : `(${height}, ${width})`;
}
