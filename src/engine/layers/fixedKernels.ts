/** Kernels that a Conv2d can start with: well-known 3×3 kernels of image processing, or numbers given by hand. */
import type { Fault } from './fault.ts';
import type { Pair } from './fields.ts';
import type { Weight } from './layer.ts';
import { pairText } from './window.ts';

/** No fixed kernel: PyTorch's random initialisation. */
export const LEARNED = 'learned';

/** The names of initial kernels. */
export type InitialKernel = typeof LEARNED | KernelName;

/** The initial kernel: a name, or its numbers row by row. */
export type FilterStart = InitialKernel | readonly number[];

/** Edge kernels are named by the side of a bright object that they detect: `top` is dark above, bright below. */
const kernels = {
  'top edge': [-1, -1, -1, 0, 0, 0, 1, 1, 1],
  'bottom edge': [1, 1, 1, 0, 0, 0, -1, -1, -1],
  'left edge': [-1, 0, 1, -1, 0, 1, -1, 0, 1],
  'right edge': [1, 0, -1, 1, 0, -1, 1, 0, -1],
  /** Binomial coefficients, which approximate a Gaussian. */
  blur: [1 / 16, 2 / 16, 1 / 16, 2 / 16, 4 / 16, 2 / 16, 1 / 16, 2 / 16, 1 / 16],
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
  /** Ones on both diagonals. */
  cross: [1, 0, 1, 0, 1, 0, 1, 0, 1],
} as const;

export type KernelName = keyof typeof kernels;

export const knownKernels = Object.keys(kernels) as readonly KernelName[];

export const initialKernels: readonly InitialKernel[] = [LEARNED, ...knownKernels];

/** The numbers of a fixed kernel, row by row. */
export function kernelValues(start: Exclude<FilterStart, typeof LEARNED>): readonly number[] {
  return typeof start === 'string' ? kernels[start] : start;
}

/** The initial values of a weight `[out, in / groups, height, width]`; null where it is drawn at random. */
export function fixedWeights(start: FilterStart): Weight['initial'] | null {
  return start === LEARNED ? null : { values: kernelValues(start) };
}

/** As a node shows it. */
export const filterStartText = (start: FilterStart) => (typeof start === 'string' ? start : 'own kernel');

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
