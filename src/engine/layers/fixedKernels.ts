/** Kernels that a Conv2d can start as: those known from image processing, 3×3, or numbers of one's own. */
import type { Fault } from './fault.ts';
import type { Pair } from './fields.ts';
import type { Weight } from './layer.ts';
import { pairText } from './window.ts';

/** No known kernel: PyTorch's random numbers. */
export const LEARNED = 'learned';

/** A name that a filter can start by. */
export type InitialKernel = typeof LEARNED | KernelName;

/** What a filter can start as: a name, or the numbers of its kernel, row by row. */
export type FilterStart = InitialKernel | readonly number[];

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

export type KernelName = keyof typeof kernels;

export const knownKernels = Object.keys(kernels) as readonly KernelName[];

export const starts: readonly InitialKernel[] = [LEARNED, ...knownKernels];

/** The numbers of a kernel that is not learned. */
export function kernelValues(start: Exclude<FilterStart, typeof LEARNED>): readonly number[] {
  return typeof start === 'string' ? kernels[start] : start;
}

/** What a weight of PyTorch's shape `[out, in / groups, height, width]` starts with; null for a learned one. */
export function fixedWeights(start: FilterStart): Weight['initial'] | null {
  return start === LEARNED ? null : { values: kernelValues(start) };
}

/** As a node names it. */
export const startText = (start: FilterStart) => (typeof start === 'string' ? start : 'own kernel');

export function refusesFixedKernel(start: FilterStart, kernelSize: Pair): Fault | undefined {
  if (start === LEARNED) return undefined;
  const count = kernelValues(start).length;
  const side = Math.sqrt(count);
  const isNamed = typeof start === 'string';
  const fits = isNamed ? kernelSize.every(size => size === side) : count === kernelSize[0] * kernelSize[1];
  if (fits) return undefined;
  const size = Number.isInteger(side) ? `${side}×${side}` : undefined;
  return {
    code: 'fixed-kernel-size',
    message: `${isNamed ? `The kernel “${start}” is ${size}` : `The kernel has ${count} numbers`}; this layer's are ${pairText(kernelSize)}.`,
    repairs: [
      ...(size ? [{ title: `Use a ${size} kernel`, setParams: { kernelSize: [side, side] } }] : []),
      { title: 'Start from random weights', setParams: { weights: LEARNED } },
    ],
  };
}
