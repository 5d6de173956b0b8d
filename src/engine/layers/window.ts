/**
 * The arithmetic of a window that slides over an image: what Conv2d and the poolings share. Per axis, as
 * PyTorch documents it (torch.nn.Conv2d, torch.nn.MaxPool2d):
 * `floor((n + padBefore + padAfter - dilation * (k - 1) - 1) / stride) + 1`.
 */
import type { Padding, Pair, Sides } from './fields.ts';
import type { Fault } from './layer.ts';
import { type LayerReach, sliding } from './reach.ts';
import type { Repair } from './repair.ts';
import { type Shape, shapeText } from './shape.ts';

export interface SlidingWindow {
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly sides: Sides;
}

/**
 * Pixels per side that a `padding` means. `same` adds `dilation * (k - 1)` in all, the odd one at the end, as
 * PyTorch does.
 */
export function resolvePadding(padding: Padding, kernelSize: Pair, dilation: Pair): Sides {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding !== 'same') return padding;
  const [vertical, horizontal] = [dilation[0] * (kernelSize[0] - 1), dilation[1] * (kernelSize[1] - 1)];
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
  return [top, vertical - top, left, horizontal - left];
}

const AXES = ['height', 'width'] as const;

/** Output extents and the arithmetic behind them, or why the window does not fit. */
export function slide(
  input: Shape,
  window: SlidingWindow,
): { extents: Pair; why: string } | { fault: Fault } {
  const { kernelSize, stride, dilation, sides } = window;
  const lines: string[] = [];
  const extents = AXES.map((axis, i) => {
    const [n, before, after] = [input[i + 1]!, sides[2 * i]!, sides[2 * i + 1]!];
    const reach = dilation[i]! * (kernelSize[i]! - 1) + 1;
    const padded = n + before + after;
    if (reach > padded) return { axis, n: padded, reach };
    const extent = Math.floor((n + before + after - reach) / stride[i]!) + 1;
    lines.push(
      `⌊(${n} + ${before} + ${after} − ${dilation[i]}·(${kernelSize[i]} − 1) − 1) / ${stride[i]}⌋ + 1 = ${extent}`,
    );
    return extent;
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

/** The repair of a kernel that does not fit: the largest one that does, odd where the present one is. */
function smallerKernel(input: Shape, { kernelSize, dilation, sides }: SlidingWindow): Repair {
  const fitting = AXES.map((_, i) => {
    const [present, padded] = [kernelSize[i]!, input[i + 1]! + sides[2 * i]! + sides[2 * i + 1]!];
    const largest = Math.min(present, Math.floor((padded - 1) / dilation[i]!) + 1);
    return largest > 1 && present % 2 === 1 && largest % 2 === 0 ? largest - 1 : largest;
  }) as [number, number];
  return { title: `Use a ${pairText(fitting)} kernel`, setParams: { kernelSize: fitting } };
}

export function reachOf({ kernelSize, stride, dilation, sides }: SlidingWindow): LayerReach {
  return [
    sliding(kernelSize[0], stride[0], dilation[0], sides[0]),
    sliding(kernelSize[1], stride[1], dilation[1], sides[2]),
  ];
}

/** The fault of a layer that wants an image and gets a vector. */
export function wantsImage(kind: string, input: Shape): Fault | undefined {
  if (input.length === 3) return undefined;
  return {
    code: 'wants-image',
    message: `${kind} wants an image (channels × height × width); it gets a vector of ${shapeText(input)}.`,
    repairs: [],
  };
}

/** `3×3`, or `3` where a square is meant by one number. */
export function pairText([height, width]: Pair): string {
  return `${height}×${width}`;
}

/** PyTorch's literal of a pair: `3` where both are equal, else `(3, 1)`. */
export function pairCode([height, width]: Pair): string {
  return height === width ? String(height) : `(${height}, ${width})`;
}
