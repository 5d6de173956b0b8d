/**
 * The fast convolutions against the reference's plain loops: shapes that the layers' examples are too small for, those
 * of Winograd's tiles and of the blocks that the kernels cut their work into; loss, output and every gradient.
 */
import { describe, expect, it } from 'vitest';
import type { NamedTensor } from '../../src/engine/formats/safetensors.ts';
import { defaultTraining, newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import type { BackendName } from '../../src/engine/runtime/backend.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { fastBackends } from './backends.ts';

interface Shape {
  readonly channels: number;
  readonly filters: number;
  readonly height: number;
  readonly width?: number;
  readonly batch?: number;
  readonly kernel?: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
  readonly groups?: number;
  readonly bias?: boolean;
  /** A max pooling behind it. */
  readonly pool?: { kernelSize: [number, number]; stride: [number, number]; padding?: readonly number[] };
}

const shapes: readonly Shape[] = [
  { channels: 16, filters: 16, height: 8 },
  { channels: 24, filters: 40, height: 9, width: 6 },
  { channels: 17, filters: 19, height: 7, width: 13, padding: [2, 0, 1, 2] },
  { channels: 16, filters: 20, height: 6, padding: [0, 0, 0, 0], bias: false },
  { channels: 16, filters: 32, height: 5, width: 4, padding: [3, 2, 4, 0] },
  { channels: 144, filters: 136, height: 4, batch: 5 },
  { channels: 32, filters: 32, height: 14, width: 10, batch: 13 },
  { channels: 16, filters: 33, height: 15, stride: [2, 2] },
  { channels: 9, filters: 18, height: 11, width: 8, stride: [3, 2], kernel: [5, 3], padding: [2, 2, 1, 1] },
  { channels: 5, filters: 12, height: 13, stride: [2, 2], dilation: [2, 3], padding: [2, 2, 3, 3] },
  { channels: 6, filters: 8, height: 9, stride: [3, 3], dilation: [3, 1], padding: [4, 4, 0, 0] },
  { channels: 300, filters: 270, height: 3, kernel: [1, 1], padding: [0, 0, 0, 0] },
  { channels: 3, filters: 24, height: 17, kernel: [7, 7], stride: [2, 2], padding: [3, 3, 3, 3] },
  { channels: 1, filters: 20, height: 12, kernel: [5, 5], padding: [2, 2, 2, 2] },
  { channels: 40, filters: 40, height: 7, groups: 40 },
  { channels: 33, filters: 33, height: 9, groups: 33, stride: [2, 2], bias: false },
  { channels: 24, filters: 24, height: 2, width: 8, groups: 24, stride: [1, 2], padding: [1, 1, 1, 0] },
  { channels: 72, filters: 72, height: 8, width: 3, groups: 72, stride: [2, 1], padding: [0, 1, 1, 1] },
  { channels: 48, filters: 24, height: 9, width: 7, batch: 3, kernel: [1, 1], padding: [0, 0, 0, 0] },
  { channels: 21, filters: 25, height: 3, kernel: [1, 1], padding: [0, 0, 0, 0], bias: false },
  { channels: 16, filters: 16, height: 8, groups: 16, kernel: [5, 5], padding: [2, 2, 2, 2] },
  { channels: 12, filters: 24, height: 6, groups: 12 },
  { channels: 32, filters: 48, height: 6, groups: 4 },
  { channels: 14, filters: 6, height: 5, width: 40, kernel: [2, 31], padding: [1, 0, 15, 15] },
  { channels: 3, filters: 17, height: 4, width: 200, kernel: [3, 3], stride: [2, 1] },
  { channels: 4, filters: 40, height: 8, pool: { kernelSize: [2, 2], stride: [2, 2] } },
  { channels: 4, filters: 37, height: 9, pool: { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] } },
  { channels: 4, filters: 37, height: 9, pool: { kernelSize: [2, 3], stride: [2, 3] } },
];

/** Between two convolutions of one pixel, so that its input wants a gradient and every output has its own. */
function documentOf(shape: Shape) {
  const { channels, filters, height, width = height, kernel = [3, 3], stride = [1, 1] } = shape;
  const { padding = [1, 1, 1, 1], dilation = [1, 1], groups = 1, bias = true } = shape;
  const pixel = { kernelSize: [1, 1], padding: [0, 0, 0, 0] };
  const graph = chain([
    ['Input', 'input', { shape: [2, height, width] }],
    ['Conv2d', 'before', { ...pixel, outChannels: channels }],
    ['Conv2d', 'conv', { outChannels: filters, kernelSize: kernel, stride, padding, dilation, groups, bias }],
    ['ReLU', 'relu'],
    ...(shape.pool ? [['MaxPool2d', 'pool', shape.pool] as const] : []),
    ['Conv2d', 'after', { ...pixel, outChannels: 3 }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 3 }],
  ]);
  return { ...newDocument('convolution', graph), training: { ...defaultTraining, learningRate: 0 } };
}

/** Numbers of both signs without a pattern. */
const numbers = (count: number, seed: number, scale: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed) * scale);

function step(shape: Shape, backend: BackendName): Map<string, NamedTensor> {
  const { height, width = height, batch = 3 } = shape;
  const document = documentOf(shape);
  const weights = new Map<string, NamedTensor>();
  for (const [id, { figures }] of infer(document.graph).nodes)
    for (const weight of figures!.weights) {
      const count = weight.shape.reduce((a, b) => a * b, 1);
      const name = `${id}.${weight.name}`;
      const values = numbers(count, name.length, 1.5 / Math.sqrt(count / weight.shape[0]!));
      weights.set(name, { name, shape: weight.shape, values });
    }
  const input = {
    name: 'input',
    shape: [batch, 2, height, width],
    values: numbers(batch * 2 * height * width, 5, 1),
  };
  const target = {
    name: 'target',
    shape: [batch],
    values: Int32Array.from({ length: batch }, (_, i) => i % 3),
  };
  const tensors = new Map<string, NamedTensor>([input, target].map(tensor => [tensor.name, tensor]));
  const found = singleStep({ document, weights, batch: tensors, backend, threads: 2 });
  return new Map(found.map(tensor => [tensor.name, tensor]));
}

const titleOf = (shape: Shape) => JSON.stringify(shape).replaceAll('"', '');

describe.each(shapes.map(shape => [titleOf(shape), shape] as const))('%s', (_, shape) => {
  const plain = step(shape, 'reference');
  it.each(fastBackends)('%s', (_, use) => {
    const fast = step(shape, use());
    const compared = [...plain.keys()].filter(name => /^(loss|output|grad\.)/.test(name));
    expect(compared.length).toBeGreaterThan(5);
    for (const name of compared) {
      const [actual, wanted] = [fast.get(name)!.values, plain.get(name)!.values];
      let [difference, size] = [0, 1e-6];
      for (const [i, value] of wanted.entries()) {
        difference = Math.max(difference, Math.abs(actual[i]! - value));
        size = Math.max(size, Math.abs(value));
      }
      expect(difference / size, name).toBeLessThan(1e-4);
    }
  });
});
