/** Kernels known from image processing, 3×3, that a Conv2d can start as: what a filter may learn, by hand. */
import type { Pair } from './fields.ts';
import type { Fault, Weight } from './layer.ts';
import { pairText } from './window.ts';

/** No known kernel: PyTorch's random numbers. */
export const LEARNED = 'learned';

/** What a filter can start as. */
export type Start = typeof LEARNED | KernelName;

/** Edges are bright on the side of the object that they bound: the top edge is dark above and bright below. */
const kernels = {
  'top edge': [-1, -1, -1, 0, 0, 0, 1, 1, 1],
  'bottom edge': [1, 1, 1, 0, 0, 0, -1, -1, -1],
  'left edge': [-1, 0, 1, -1, 0, 1, -1, 0, 1],
  'right edge': [1, 0, -1, 1, 0, -1, 1, 0, -1],
  /** Binomial: a Gaussian in sixteenths. */
  blur: [1 / 16, 2 / 16, 1 / 16, 2 / 16, 4 / 16, 2 / 16, 1 / 16, 2 / 16, 1 / 16],
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
  /** Diagonal. */
  cross: [1, 0, 1, 0, 1, 0, 1, 0, 1],
} as const;

type KernelName = keyof typeof kernels;

export const starts: readonly Start[] = [LEARNED, ...(Object.keys(kernels) as KernelName[])];

/** What a weight of PyTorch's shape `[out, in / groups, 3, 3]` starts with; null for a learned one. */
export function fixedWeights(name: Start): Weight['initial'] | null {
  return name === LEARNED ? null : { values: kernels[name] };
}

export function refusesFixedKernel(name: Start, kernelSize: Pair): Fault | undefined {
  if (name === LEARNED || (kernelSize[0] === 3 && kernelSize[1] === 3)) return undefined;
  return {
    code: 'fixed-kernel-size',
    message: `The kernel “${name}” is 3×3; this layer's are ${pairText(kernelSize)}.`,
    repairs: [
      { title: 'Use a 3×3 kernel', setParams: { kernelSize: [3, 3] } },
      { title: 'Start from random weights', setParams: { weights: LEARNED } },
    ],
  };
}
