/** Normalisation beyond what single examples show: any number of workers, batches too small, means far from zero. */
import { describe, expect, it } from 'vitest';
import { CompileError } from '../../src/engine/compile/program.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { batchOf, type Case, weightsOf } from '../oracles/cases.ts';
import { evaluate } from './evaluation.ts';

function step(each: Case, threads: number) {
  const { document } = each;
  return singleStep({ document, weights: weightsOf(each), batch: batchOf(each), backend: 'wasm', threads });
}

it('gives the same bits for any number of workers', () => {
  const graph = chain([
    ['Input', 'input', { shape: [3, 23, 21] }],
    ['Conv2d', 'conv', { outChannels: 20 }],
    ['BatchNorm2d', 'batch'],
    ['PReLU', 'prelu', { numParameters: 20 }],
    ['GroupNorm', 'group', { numGroups: 4 }],
    ['GELU', 'gelu'],
    ['InstanceNorm2d', 'instance', { affine: true, trackRunningStats: true }],
    ['LocalResponseNorm', 'response'],
    ['PReLU', 'slope'],
    ['LayerNorm', 'layer'],
    ['Dropout2d', 'dropout', { p: 0.2 }],
    ['Softmax', 'softmax'],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 5 }],
  ]);
  const each: Case = { name: 'all', document: newDocument('all', graph), batch: 13, steps: 1 };
  const [one, ...others] = [1, 2, 3].map(threads => step(each, threads));
  for (const tensor of one!) expect([...tensor.values].every(Number.isFinite), tensor.name).toBe(true);
  for (const other of others) expect(other).toEqual(one);
});

describe('a batch of one value for each channel', () => {
  const graphOf = (kind: string, params: object) =>
    chain([
      ['Input', 'input', { shape: [3, 1, 1] }],
      [kind, 'norm', { ...params }],
      ['Flatten', 'flatten'],
    ]);
  const evaluation = { images: [1, 2, 3], batch: 1, program: 'train' } as const;

  it.each([
    ['BatchNorm2d', {}, 'batch-norm-with-one-value'],
    ['GroupNorm', { numGroups: 3 }, 'group-norm-with-one-value'],
  ])('is refused by %s in training, as in PyTorch', (kind, params, code) => {
    const act = () => evaluate({ ...evaluation, graph: graphOf(kind, params) });
    expect(act).toThrow(CompileError);
    expect(act).toThrow(expect.objectContaining({ code }));
    expect(act).toThrow(/^norm: with a batch of one image/);
  });

  it('is fine in evaluation, by the running statistics', () => {
    const y = evaluate({ ...evaluation, graph: graphOf('BatchNorm2d', {}), program: 'evaluate' });
    for (const [i, value] of y.entries()) expect(value).toBeCloseTo((i + 1) / Math.sqrt(1 + 1e-5), 6);
  });
});

it.each(['BatchNorm2d', 'GroupNorm', 'LayerNorm', 'InstanceNorm2d'])(
  '%s finds a small deviation on a large mean',
  kind => {
    const graph = chain([
      ['Input', 'input', { shape: [8, 16, 16] }],
      [kind, 'norm', { eps: 0 }],
      ['Flatten', 'flatten'],
    ]);
    // Deviations that single precision can hold: 1000 ± 1.
    const images = Float32Array.from(
      { length: 4 * 8 * 256 },
      (_, i) => 1000 + ((i * 2654435761) >>> 31) * 2 - 1,
    );
    for (const value of evaluate({ graph, images, batch: 4, program: 'train', backend: 'wasm' }))
      expect(Math.abs(Math.abs(value) - 1)).toBeLessThan(0.2);
  },
);
