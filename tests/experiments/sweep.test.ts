/** Sweeps: values as people write them, combinations, rounds of halving. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SweepPlan } from '../../src/bridge/runCalls.ts';
import {
  combinationCount,
  combinations,
  parseValues,
  rounds,
  runCount,
  survivors,
} from '../../src/experiments/sweepPlan.ts';

test.each([
  ['0.001, 0.01', [0.001, 0.01]],
  ['SGD, Adam', ['SGD', 'Adam']],
  ['true,false', [true, false]],
  ['5', [5]],
  ['1e-4…1e-1 log 4', [0.0001, 0.001, 0.01, 0.1]],
  ['0.1..0.5 5', [0.1, 0.2, 0.3, 0.4, 0.5]],
  ['16...64 4', [16, 32, 48, 64]],
  ['0…1', [0, 0.5, 1]],
])('%s', (text, values) => {
  expect(parseValues(text)).toEqual({ ok: true, values });
});

test.each([
  ['', /Values are missing/],
  ['1,,2', /missing between two commas/],
  ['1, 1', /twice/],
  ['0…1 log 3', /both ends above 0/],
  ['1…1', /two different ends/],
  ['a…b', /one number to another/],
  ['1…2 1', /2 to 100/],
  ['[1]', /no single value/],
])('%s is refused', (text, message) => {
  expect(parseValues(text)).toMatchObject({ ok: false, message: expect.stringMatching(message) });
});

test('whatever is written, values are parsed or refused', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => typeof parseValues(text).ok === 'boolean'));
});

const plan = (more: Partial<SweepPlan> = {}): SweepPlan => ({
  fields: [
    { path: 'learningRate', values: [0.1, 0.2] },
    { path: 'optimizer.kind', values: ['SGD', 'Adam', 'RMSprop'] },
  ],
  strategy: 'grid',
  samples: null,
  seed: 1,
  repeats: 1,
  halving: null,
  ...more,
});

test('a grid has every combination once, the last field changing fastest', () => {
  expect(combinations(plan()).map(each => Object.values(each).join(' '))).toEqual([
    '0.1 SGD',
    '0.1 Adam',
    '0.1 RMSprop',
    '0.2 SGD',
    '0.2 Adam',
    '0.2 RMSprop',
  ]);
  expect(runCount(plan({ repeats: 3 }))).toBe(18);
});

test('a random sweep draws as many as it is told, none twice, the same for the same seed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      (sizes, samples, seed) => {
        const fields = sizes.map((size, i) => ({
          path: `p${i}`,
          values: Array.from({ length: size }, (_, v) => v),
        }));
        const drawn = combinations(plan({ fields, samples, seed, strategy: 'random' }));
        const texts = drawn.map(each => JSON.stringify(each));
        expect(new Set(texts).size).toBe(Math.min(samples, combinationCount({ fields })));
        expect(combinations(plan({ fields, samples, seed, strategy: 'random' }))).toEqual(drawn);
      },
    ),
  );
});

test('halving gives each round a factor more epochs, and the best of it go on', () => {
  expect(rounds({ epochs: 1, full: 9, factor: 3 })).toEqual([1, 3, 9]);
  expect(rounds({ epochs: 2, full: 10, factor: 2 })).toEqual([2, 4, 8, 10]);
  expect(rounds({ epochs: 5, full: 3, factor: 2 })).toEqual([3]);
  const round = [0.3, Number.NaN, 0.9, 0.5, 0.7].map(score => ({ score }));
  expect(survivors(round, 2).map(({ score }) => score)).toEqual([0.9, 0.7]);
  expect(survivors(round, 10).map(({ score }) => score)).toEqual([0.9]);
});
