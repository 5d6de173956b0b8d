/** The steps of the kernel bench as arithmetic: several without a ReLU between them are one kernel. */
import type { KernelName } from '../../../engine/layers/fixedKernels.ts';
import type { LayerSpec } from '../../../engine/layers/repair.ts';

export interface KernelBenchStep {
  readonly id: number;
  readonly name: KernelName | 'own';
  /** Rows of a square, one after the other. */
  readonly kernel: readonly number[];
  /** Whether what is below zero is cut off after it. */
  readonly relu: boolean;
}

const sideOf = (kernel: readonly number[]) => Math.sqrt(kernel.length);

/** Away from the border, sliding one kernel after the other is to slide this one: their full convolution. */
function joined(a: readonly number[], b: readonly number[]): number[] {
  const [n, m] = [sideOf(a), sideOf(b)];
  const side = n + m - 1;
  const whole = Array.from({ length: side * side }, () => 0);
  for (const [i, x] of a.entries())
    for (const [j, y] of b.entries()) {
      const [row, column] = [Math.floor(i / n) + Math.floor(j / m), (i % n) + (j % m)];
      whole[row * side + column]! += x * y;
    }
  return whole;
}

/** All steps as one; null where a ReLU stands between them, or there is nothing to join. */
export function asOneStep(steps: readonly KernelBenchStep[]): KernelBenchStep | null {
  const last = steps.at(-1);
  if (!last || steps.length < 2 || steps.slice(0, -1).some(({ relu }) => relu)) return null;
  return { ...last, name: 'own', kernel: steps.map(({ kernel }) => kernel).reduce(joined) };
}

/** Steps as layers: frozen, and for each channel by itself, so that what follows still fits. */
export function layersOf(steps: readonly KernelBenchStep[], channels: number): LayerSpec[] {
  return steps.flatMap(({ name, kernel, relu }): LayerSpec[] => {
    const side = sideOf(kernel);
    const half = (side - 1) / 2;
    const params = {
      outChannels: channels,
      groups: channels,
      kernelSize: [side, side],
      padding: [half, half, half, half],
      bias: false,
      weights: name === 'own' ? kernel : name,
      frozen: true,
    };
    return [{ kind: 'Conv2d', params }, ...(relu ? [{ kind: 'ReLU', params: {} }] : [])];
  });
}
