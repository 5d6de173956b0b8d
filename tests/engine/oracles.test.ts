/**
 * The engine against PyTorch: loss, output, every gradient and every updated weight and buffer of every case, on
 * every backend, and the output of the evaluation program where that is another one. The answers are PyTorch's in float64 (tests/oracles/make.py).
 */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { type NamedTensor, readSafetensors } from '../../src/engine/formats/safetensors.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import { lossKinds } from '../../src/engine/losses/registry.ts';
import { optimizerKinds } from '../../src/engine/optimizers/registry.ts';
import type { BackendName } from '../../src/engine/runtime/backend.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { batchOf, type Case, cases, weightsOf } from '../oracles/cases.ts';
import { backends } from './backends.ts';
import { evaluate } from './evaluation.ts';

const TOLERANCE = { wasm: 1e-4, native: 1e-4, reference: 1e-6 };

function expected({ name }: Case): ReadonlyMap<string, NamedTensor> {
  return readSafetensors(readFileSync(new URL(`../oracles/expected/${name}.safetensors`, import.meta.url)))
    .tensors;
}

const isLasting = (each: Case, name: string) => weightsOf(each).has(name) || name.endsWith('.ema');

/** The answer of the case's first step, its weights replaced by those after the last. */
function answer(each: Case, backend: BackendName, threads: number): Map<string, NamedTensor> {
  let state: ReadonlyMap<string, NamedTensor> = weightsOf(each);
  let first: Map<string, NamedTensor> | undefined;
  for (let step = 0; step < each.steps; step++) {
    const { document } = each;
    const given = { document, weights: state, batch: batchOf(each), backend, threads, updates: step };
    const tensors = singleStep(given);
    state = new Map(tensors.map(tensor => [tensor.name, tensor]));
    first ??= new Map(state);
  }
  return new Map([...first!, ...[...state].filter(([name]) => isLasting(each, name))]);
}

const largestOf = (tensors: Iterable<NamedTensor>) =>
  Math.max(0, ...[...tensors].flatMap(({ values }) => [...values].map(Math.abs)));

/**
 * Largest difference, relative to the largest number of the tensor.
 * @param floor what the largest number is taken for at least: before a normalisation the gradient of a bias is
 *   zero but for rounding, which has the size of the other gradients
 */
function difference(actual: NamedTensor, wanted: NamedTensor, floor: number): number {
  let [largest, size] = [0, Math.max(1e-6, floor)];
  for (const [i, value] of wanted.values.entries()) {
    largest = Math.max(largest, Math.abs(actual.values[i]! - value));
    size = Math.max(size, Math.abs(value));
  }
  return largest / size;
}

/** What the evaluation program gives for the case's batch, with the weights that training left. */
function evaluated(each: Case, state: ReadonlyMap<string, NamedTensor>, backend: BackendName): NamedTensor {
  const { document, batch } = each;
  const { shape, values } = batchOf(each).get('input')!;
  const [channels, size] = [shape[1]!, shape[1]! * shape[2]! * shape[3]!];
  const pixels = size / channels;
  const images = Float32Array.from(values, (_, i) => {
    const [image, pixel, c] = [Math.floor(i / size), Math.floor((i % size) / channels), i % channels];
    return values[image * size + c * pixels + pixel]!;
  });
  const weights = new Map([...state].map(([name, { values }]) => [name, Float32Array.from(values)]));
  const options = { graph: document.graph, images, batch, weights, backend, threads: 2 };
  const output = Float32Array.from(evaluate({ ...options, program: 'evaluate' }));
  return { name: 'evaluated', shape: [batch, output.length / batch], values: output };
}

describe.each(backends)('%s equals PyTorch', (_, use) => {
  const backend = use();
  beforeEach(() => void use());

  it.each(cases().map(each => [each.name, each] as const))('%s', (_, each) => {
    const actual = answer(each, backend, 2);
    const wanted = expected(each);
    expect(wanted.size).toBeGreaterThan(2);
    if (wanted.has('evaluated')) actual.set('evaluated', evaluated(each, actual, backend));
    const gradients = [...wanted.values()].filter(({ name }) => name.startsWith('grad.'));
    const floor = largestOf(gradients) / 20;
    for (const [name, tensor] of wanted) {
      expect(actual.get(name)?.shape, name).toEqual(tensor.shape);
      expect(difference(actual.get(name)!, tensor, name.startsWith('grad.') ? floor : 0), name).toBeLessThan(
        TOLERANCE[backend],
      );
    }
  });
});

it('tries every loss and every optimizer', () => {
  const tried = cases().map(({ document }) => document.training);
  const losses = tried.flatMap(training => training.losses.map(({ kind }) => kind));
  const optimizers = tried.map(({ optimizer }) => optimizer.kind);
  expect(lossKinds().filter(({ kind }) => !losses.includes(kind))).toEqual([]);
  expect(optimizerKinds().filter(({ kind }) => !optimizers.includes(kind))).toEqual([]);
});

it('tries every layer kind', () => {
  const tried = cases().flatMap(({ document }) => Object.values(document.graph.nodes).map(node => node.kind));
  expect(layerKinds().filter(({ kind }) => !tried.includes(kind))).toEqual([]);
});
