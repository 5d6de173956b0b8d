/** What acts by chance: how often and how strongly, the same for any number of workers, and the same backward. */
import { describe, expect, it } from 'vitest';
import { type Graph, newDocument } from '../../src/engine/graph/document.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { batchOf, type Case, weightsOf } from '../oracles/cases.ts';
import { type Evaluation, evaluate } from './evaluation.ts';

const BATCH = 40;
const [CHANNELS, SIDE] = [11, 13];
const COUNT = CHANNELS * SIDE * SIDE;

const graphOf = (kind: string, params: object): Graph =>
  chain([
    ['Input', 'input', { shape: [CHANNELS, SIDE, SIDE] }],
    [kind, 'layer', { ...params }],
    ['Flatten', 'flatten'],
  ]);

/** What comes out for ones: channel after channel, image after image. */
function act(kind: string, params: object, options: Partial<Evaluation> = {}): Float64Array {
  const images = new Float32Array(BATCH * COUNT).fill(1);
  return evaluate({ graph: graphOf(kind, params), images, batch: BATCH, program: 'train', ...options });
}

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** One number for each draw, and how many there are. */
const kinds = [
  ['Dropout', 1],
  ['Dropout2d', SIDE * SIDE],
  ['DropPath', COUNT],
] as const;

describe.each(kinds)('%s', (kind, shared) => {
  it.each([0, 0.1, 0.5, 0.9, 1])('drops a share of %d and keeps the mean', p => {
    const draws = Array.from({ length: 8 }, (_, step) => act(kind, { p }, { step }))
      .flatMap(y => [...y])
      .filter((_, i) => i % shared === 0);
    const dropped = draws.filter(value => value === 0).length / draws.length;
    // Four standard deviations of a share of so many draws.
    const margin = 4 * Math.sqrt((p * (1 - p)) / draws.length);
    expect(Math.abs(dropped - p)).toBeLessThanOrEqual(margin);
    const kept = draws.filter(value => value !== 0);
    expect(kept.filter(value => Math.abs(value * (1 - p) - 1) > 1e-6)).toEqual([]);
    if (p < 1) expect(Math.abs(mean(draws) - 1)).toBeLessThanOrEqual(margin / (1 - p) + 1e-6);
  });

  it('drops together what belongs together', () => {
    const y = act(kind, { p: 0.5 });
    expect(y.every((value, i) => value === y[i - (i % shared)])).toBe(true);
  });
});

describe('GaussianNoise', () => {
  it('is normally distributed around what flows in', () => {
    const noise = Array.from(act('GaussianNoise', { std: 0.5 }), value => (value - 1) / 0.5);
    const moment = (power: number) => mean(noise.map(value => value ** power));
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(noise.length));
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(Math.abs(moment(3))).toBeLessThan(0.06);
    expect(moment(4) / 3).toBeCloseTo(1, 1);
    // Shares below these multiples of the deviation: 2.275 % and 84.134 %.
    expect(noise.filter(value => value < -2).length / noise.length).toBeCloseTo(0.02275, 2);
    expect(noise.filter(value => value < 1).length / noise.length).toBeCloseTo(0.84134, 2);
  });
});

const settings = [
  ['Dropout', { p: 0.4 }],
  ['Dropout2d', { p: 0.4 }],
  ['DropPath', { p: 0.4 }],
  ['GaussianNoise', { std: 0.7 }],
] as const;

describe.each(settings)('%s %j', (kind, params) => {
  it('draws the same for any number of workers, on both backends', () => {
    const [one, ...others] = [1, 2, 3].map(threads => act(kind, params, { threads, backend: 'wasm' }));
    for (const other of others) expect(other).toEqual(one);
    const reference = act(kind, params, { threads: 2 });
    expect(Math.max(...reference.map((value, i) => Math.abs(value - one![i]!)))).toBeLessThan(1e-6);
  });

  it('draws anew for another step, another seed and another layer', () => {
    const first = act(kind, params);
    expect(act(kind, params)).toEqual(first);
    expect(act(kind, params, { step: 1 })).not.toEqual(first);
    expect(act(kind, params, { seed: 2 })).not.toEqual(first);
    const graph = chain([
      ['Input', 'input', { shape: [CHANNELS, SIDE, SIDE] }],
      [kind, 'other', { ...params }],
      ['Flatten', 'flatten'],
    ]);
    expect(act(kind, params, { graph })).not.toEqual(first);
  });

  it('does nothing in evaluation', () => {
    expect(act(kind, params, { program: 'evaluate' }).every(value => value === 1)).toBe(true);
  });

  it('flows back through what it let through', () => {
    const graph = chain([
      ['Input', 'input', { shape: [2, 5, 4] }],
      ['Conv2d', 'conv', { outChannels: 6 }],
      [kind, 'layer', { ...params }],
      ['Flatten', 'flatten'],
      ['Linear', 'head', { outFeatures: 4 }],
    ]);
    const each: Case = { name: kind, document: newDocument(kind, graph), batch: 7, steps: 1 };
    const weights = weightsOf(each);
    const run = (changed: typeof weights) => {
      const input = { document: each.document, weights: changed, batch: batchOf(each), threads: 2 };
      const answer = singleStep({ ...input, backend: 'reference' });
      return new Map(answer.map(tensor => [tensor.name, tensor.values]));
    };
    const gradient = run(weights).get('grad.conv.bias')!;
    for (const [i, slope] of gradient.entries()) {
      const lossAt = (offset: number) => {
        const bias = weights.get('conv.bias')!;
        const values = Float32Array.from(bias.values, (value, k) => value + (k === i ? offset : 0));
        return run(new Map([...weights, ['conv.bias', { ...bias, values }]])).get('loss')![0]!;
      };
      expect((lossAt(2 ** -8) - lossAt(-(2 ** -8))) / 2 ** -7).toBeCloseTo(slope, 3);
    }
  });
});
