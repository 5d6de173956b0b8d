/** Five training steps of whole networks against PyTorch: the loss of each, and every weight and buffer after. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type NamedTensor, readSafetensors } from '../../src/engine/formats/safetensors.ts';
import type { BackendName } from '../../src/engine/runtime/backend.ts';
import { OpenStep } from '../../src/engine/runtime/singleStep.ts';
import { batchOf, type Case, weightsOf } from '../oracles/cases.ts';
import { networkCases, smallBatch } from '../oracles/networkCases.ts';
import { fastBackends } from './backends.ts';

/** Relative; in float32 errors grow from step to step (tests/oracles/precision.py: PyTorch's do so, too). */
const TOLERANCE = 1e-3;

function expected({ name }: Case): ReadonlyMap<string, NamedTensor> {
  const path = new URL(`../oracles/expected/${name}.safetensors`, import.meta.url);
  return readSafetensors(readFileSync(path)).tensors;
}

/** Its norm, and its sum weighted as make.py weighs it. */
function brief(values: ArrayLike<number>): [norm: number, sum: number] {
  let [squares, sum] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    squares += values[i]! ** 2;
    sum += values[i]! * Math.sin(0.37 * i + 1);
  }
  return [Math.sqrt(squares), sum];
}

function holdAgainstPyTorch(each: Case, backend: BackendName, tolerance: number): void {
  const wanted = expected(each);
  const { document, steps } = each;
  const step = new OpenStep({
    document,
    weights: weightsOf(each),
    batch: batchOf(each),
    backend,
    threads: 2,
  });
  try {
    for (let updates = 0; updates < steps; updates++) {
      const loss = step.run(updates) / wanted.get('losses')!.values[updates]!;
      expect(Math.abs(loss - 1), `loss of step ${updates + 1}`).toBeLessThan(tolerance);
    }
    const weights = step.session.weights();
    expect(weights.length).toBe(wanted.size - 1);
    for (const { name, values } of weights) {
      const [norm, sum] = brief(values);
      const [wantedNorm, wantedSum] = wanted.get(name)!.values as unknown as [number, number];
      expect(Math.abs(norm - wantedNorm) / wantedNorm, `norm of ${name}`).toBeLessThan(tolerance);
      expect(Math.abs(sum - wantedSum) / wantedNorm, `sum of ${name}`).toBeLessThan(tolerance);
    }
  } finally {
    step.session.close();
  }
}

const rows = fastBackends.flatMap(([backend, use]) =>
  networkCases().map(each => [`${each.name} by ${backend}`, each, use] as const),
);

it.each(rows)('%s', (_, each, use) => holdAgainstPyTorch(each, use(), TOLERANCE));

it('is exact in float64 where float32 cannot be: MobileNetV2 with a small batch', () =>
  holdAgainstPyTorch(smallBatch(), 'reference', 1e-6));
