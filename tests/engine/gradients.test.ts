/** The float64 reference against finite differences: a derivative that nobody wrote down twice. */
import { expect, it } from 'vitest';
import type { NamedTensor } from '../../src/engine/formats/safetensors.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { batchOf, cases, weightsOf } from '../oracles/cases.ts';

/** Small enough that the curve is straight, large enough for weights that pass through float32. */
const STEP = 2 ** -11;

const oneStep = cases().filter(({ steps, name }) => steps === 1 && name !== 'lenet');

it.each(oneStep.map(each => [each.name, each] as const))('%s', (_, each) => {
  const weights = weightsOf(each);
  const run = (changed: ReadonlyMap<string, NamedTensor>) => {
    const input = { document: each.document, weights: changed, batch: batchOf(each), threads: 1 };
    const answer = singleStep({ ...input, backend: 'reference' });
    return new Map(answer.map(tensor => [tensor.name, tensor.values]));
  };
  const gradients = run(weights);
  for (const [name, tensor] of weights) {
    // Buffers and frozen weights have no gradient.
    if (!gradients.has(`grad.${name}`)) continue;
    const index = Math.floor(tensor.values.length / 3);
    const lossAt = (offset: number) => {
      const values = Float32Array.from(tensor.values);
      const value = Math.fround(tensor.values[index]! + offset);
      values[index] = value;
      return { value, loss: run(new Map([...weights, [name, { ...tensor, values }]])).get('loss')![0]! };
    };
    const [low, high] = [lossAt(-STEP), lossAt(STEP)];
    const difference = (high.loss - low.loss) / (high.value - low.value);
    const gradient = gradients.get(`grad.${name}`)![index]!;
    // The loss comes back as float32: 2⁻²⁴ of it over the step is what a difference cannot see.
    expect(Math.abs(difference - gradient), name).toBeLessThan(1e-3 + 0.02 * Math.abs(gradient));
  }
});
