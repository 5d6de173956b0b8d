/** The window of MaxPool2d and AvgPool2d: its fields, and what PyTorch refuses. */
import type { Fault } from './fault.ts';
import { type Pair, pair, toggle } from './fields.ts';
import type { ShapeResult } from './layer.ts';
import type { Repair } from './repair.ts';
import type { Shape } from './shape.ts';
import { type Argument, pairs } from './torchForm.ts';
import { pairText, type SlidingWindow, slide, vectorInputFault } from './window.ts';

export interface PoolParams {
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation?: Pair;
  readonly ceilMode: boolean;
}

export const kernelSize = pair({
  label: 'Window',
  help: 'Height and width of the window.',
  initial: [2, 2],
  min: 1,
});

export const stride = pair({
  label: 'Stride',
  help: 'Pixels between two windows. Equal to the window: they tile; smaller: they overlap; larger: they leave gaps.',
  initial: [2, 2],
  min: 1,
});

export const ceilMode = toggle({
  label: 'Round up',
  help: 'Whether a last window that reaches beyond the image counts (ceil_mode). It must start within it.',
  initial: false,
});

/** None: the kernel size. */
export const poolStride: Argument = {
  ...pairs('stride', 'stride', null),
  named: true,
  likeArgument: 'kernel_size',
};

export function poolWindow({ kernelSize, stride, padding, dilation = [1, 1] }: PoolParams): SlidingWindow {
  const [vertical, horizontal] = padding;
  return { kernelSize, stride, dilation, sides: [vertical, vertical, horizontal, horizontal] };
}

export function slidePool(kind: string, params: PoolParams, input: Shape): ShapeResult {
  const fault = vectorInputFault(kind, input) ?? refusesWideFrame(params);
  if (fault) return { fault };
  const window = poolWindow(params);
  const slid = slide(input, window, params.ceilMode);
  if ('fault' in slid) {
    const [height, width] = params.kernelSize.map((size, i) => Math.min(size, input[i + 1]!));
    const setParams = { kernelSize: [height, width], ...(params.dilation && { dilation: [1, 1] }) };
    const repairs: Repair[] = [
      { title: 'Remove this pooling', remove: true },
      { title: 'Use a window that fits', setParams },
    ];
    return { fault: { ...slid.fault, code: 'pooled-to-nothing', repairs } };
  }
  const blind = windowMissesImage(window, input, 0) || windowMissesImage(window, input, 1);
  if (blind) {
    const repairs = [{ title: 'Read neighbouring pixels', setParams: { dilation: [1, 1] } }];
    const message = `A window of ${pairText(params.kernelSize)} would lie around the image and hold no pixel of it.`;
    return { fault: { code: 'pool-window-empty', message, repairs } };
  }
  return { shape: { value: [input[0]!, ...slid.extents], why: slid.why } };
}

function refusesWideFrame({ padding, kernelSize }: PoolParams): Fault | undefined {
  if (!padding.some((pixels, i) => pixels > kernelSize[i]! / 2)) return undefined;
  return {
    code: 'pool-padding-too-large',
    message: `Padding ${pairText(padding)} is more than half the window ${pairText(kernelSize)}: some windows would hold no pixel.`,
    repairs: [
      {
        title: 'Pad by half the window',
        setParams: { padding: kernelSize.map(extent => Math.floor(extent / 2)) },
      },
      { title: 'Use no padding', setParams: { padding: [0, 0] } },
    ],
  };
}

/** Whether a dilated window that starts in the padding has no pixel inside the image; PyTorch would return -∞. */
function windowMissesImage(
  { kernelSize, stride, dilation, sides }: SlidingWindow,
  input: Shape,
  axis: 0 | 1,
): boolean {
  const [n, before, step] = [input[axis + 1]!, sides[2 * axis]!, dilation[axis]];
  for (let start = -before; start < 0; start += stride[axis]) {
    const tap = Math.ceil(-start / step);
    if (tap >= kernelSize[axis] || start + tap * step >= n) return true;
  }
  return false;
}
