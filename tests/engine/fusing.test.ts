/**
 * A normalisation and the cut behind it become one on the fast backends: fewer instructions and less memory, and the
 * same numbers as the reference's, which computes one after the other.
 */
import { expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import type { NamedTensor } from '../../src/engine/formats/safetensors.ts';
import { defaultTraining, newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import type { BackendName } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { fastBackends } from './backends.ts';

const SIDE = 6;
const BATCH = 5;

const graph = chain([
  ['Input', 'input', { shape: [2, SIDE, SIDE] }],
  ['Conv2d', 'conv1', { outChannels: 21 }],
  ['BatchNorm2d', 'norm1'],
  ['ReLU', 'relu'],
  ['Conv2d', 'conv2', { outChannels: 18 }],
  ['BatchNorm2d', 'norm2', { affine: false }],
  ['ReLU6', 'relu6'],
  ['Conv2d', 'conv3', { outChannels: 4 }],
  ['BatchNorm2d', 'norm3'],
  ['Flatten', 'flatten'],
  ['Linear', 'head', { outFeatures: 3 }],
]);

const modelOf = (realBytes: 4 | 8, keepsOutputs = false) =>
  compile({
    inference: infer(graph),
    training: defaultTraining,
    batch: BATCH,
    input: 'real',
    programs: ['train'],
    realBytes,
    start: MODEL_START,
    keepsOutputs,
  });

it('leaves no pass for the cuts, except where their input is looked at', () => {
  const cuts = /^(relu|activation)/;
  const count = (model: ReturnType<typeof modelOf>) =>
    model.instructions.train.filter(({ name }) => cuts.test(name)).length;
  expect(count(modelOf(4))).toBe(0);
  expect(count(modelOf(8))).toBe(4);
  expect(count(modelOf(4, true))).toBe(4);
  expect(modelOf(4).sizes.activations).toBeLessThan(modelOf(4, true).sizes.activations);
});

it.each(fastBackends)('gives the numbers of one after the other: %s', (_, use) => {
  const document = { ...newDocument('cuts', graph), training: { ...defaultTraining, learningRate: 0 } };
  const numbers = (count: number, seed: number, scale: number) =>
    Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed) * scale);
  const weights = new Map<string, NamedTensor>();
  for (const [id, { figures }] of infer(graph).nodes)
    for (const { name: suffix, shape } of figures!.weights) {
      const name = `${id}.${suffix}`;
      const count = shape.reduce((a, b) => a * b, 1);
      const values =
        suffix === 'running_var' ? new Float32Array(count).fill(1) : numbers(count, name.length, 2);
      weights.set(name, { name, shape, values });
    }
  const input = {
    name: 'input',
    shape: [BATCH, 2, SIDE, SIDE],
    values: numbers(BATCH * 2 * SIDE * SIDE, 3, 1),
  };
  const target = { name: 'target', shape: [BATCH], values: Int32Array.of(0, 1, 2, 0, 1) };
  const batch = new Map<string, NamedTensor>([input, target].map(tensor => [tensor.name, tensor]));
  const step = (backend: BackendName) =>
    new Map(singleStep({ document, weights, batch, backend, threads: 2 }).map(each => [each.name, each]));
  const [fast, plain] = [step(use()), step('reference')];
  const compared = [...plain.keys()].filter(name => /^(loss|output|grad\.(head|norm|.*weight))/.test(name));
  expect(compared.length).toBeGreaterThan(8);
  for (const name of compared) {
    const wanted = plain.get(name)!.values;
    const size = Math.max(...Array.from(wanted, Math.abs));
    for (const [i, value] of fast.get(name)!.values.entries())
      expect(Math.abs(value - wanted[i]!) / size, `${name} ${i}`).toBeLessThan(1e-4);
  }
});
