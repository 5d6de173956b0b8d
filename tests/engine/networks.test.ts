/** Five training steps of whole networks against PyTorch: the loss of each, and every weight and buffer after. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type NamedTensor, readSafetensors } from '../../src/engine/formats/safetensors.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { batchOf, type Case, weightsOf } from '../oracles/cases.ts';
import { networkCases } from '../oracles/networkCases.ts';
import { fastBackends } from './backends.ts';

/** Relative; in float32, where errors grow from step to step. */
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

const rows = fastBackends.flatMap(([backend, use]) =>
  networkCases().map(each => [`${each.name} by ${backend}`, each, use] as const),
);

it.each(rows)('%s', (_, each, use) => {
  const backend = use();
  const wanted = expected(each);
  let state: ReadonlyMap<string, NamedTensor> = weightsOf(each);
  const names = [...state.keys()];
  const losses: number[] = [];
  for (let updates = 0; updates < each.steps; updates++) {
    const { document } = each;
    const given = { document, weights: state, batch: batchOf(each), threads: 2, updates };
    state = new Map(singleStep({ ...given, backend }).map(tensor => [tensor.name, tensor]));
    losses.push(state.get('loss')!.values[0]!);
  }
  for (const [step, loss] of wanted.get('losses')!.values.entries())
    expect(Math.abs(losses[step]! / loss - 1), `loss of step ${step + 1}`).toBeLessThan(TOLERANCE);
  expect(names.length).toBe(wanted.size - 1);
  for (const name of names) {
    const [norm, sum] = brief(state.get(name)!.values);
    const [wantedNorm, wantedSum] = wanted.get(name)!.values as unknown as [number, number];
    expect(Math.abs(norm - wantedNorm) / wantedNorm, `norm of ${name}`).toBeLessThan(TOLERANCE);
    expect(Math.abs(sum - wantedSum) / wantedNorm, `sum of ${name}`).toBeLessThan(TOLERANCE);
  }
});
