/** Statistics against scipy (tests/oracles/statistics.py), and what must hold of them whatever the numbers. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { explained, importances } from '../../src/experiments/importance.ts';
import { repeatsOf } from '../../src/experiments/repeats.ts';
import {
  mcnemar,
  meanInterval,
  studentCdf,
  studentQuantile,
  welch,
} from '../../src/experiments/statistics.ts';
import { idOf } from '../ids.ts';
import { runSummary } from './runSummary.ts';

interface Expected {
  groups: [number[], number[]];
  intervals: [mean: number, std: number, half: number][];
  welch: number;
  mcnemar: [number, number, p: number][];
  cdf: [t: number, freedom: number, p: number][];
  quantile: [p: number, freedom: number, t: number][];
  eta: [number[][], number][];
}

const expected: Expected = JSON.parse(
  readFileSync(new URL('../oracles/expected/statistics.json', import.meta.url), 'utf8'),
);

test('means have the intervals that scipy gives them; a single value has none', () => {
  for (const [i, [mean, std, half]] of expected.intervals.entries()) {
    const found = meanInterval(expected.groups[i]!);
    expect(found.mean).toBeCloseTo(mean, 12);
    expect(found.std).toBeCloseTo(std, 12);
    expect(found.half).toBeCloseTo(half, 10);
  }
  expect(meanInterval([0.5])).toEqual({ n: 1, mean: 0.5, std: Number.NaN, half: Number.NaN });
});

test('Welch’s test is scipy’s', () => {
  expect(welch(...expected.groups).p).toBeCloseTo(expected.welch, 10);
  expect(welch([1, 1], [1, 1]).p).toBeNaN();
});

test.each(expected.mcnemar)('McNemar of %i and %i', (onlyFirst, onlySecond, p) => {
  expect(mcnemar(onlyFirst, onlySecond)).toBeCloseTo(p, 10);
  expect(mcnemar(onlySecond, onlyFirst)).toBe(mcnemar(onlyFirst, onlySecond));
});

test('Student’s distribution and its inverse are scipy’s', () => {
  for (const [t, freedom, p] of expected.cdf) expect(studentCdf(t, freedom)).toBeCloseTo(p, 11);
  for (const [p, freedom, t] of expected.quantile) expect(studentQuantile(p, freedom)).toBeCloseTo(t, 9);
});

test('what a setting explains is η² of scipy’s H', () => {
  expect(expected.eta[0]![1]).toBeGreaterThan(0.5);
  for (const [groups, eta] of expected.eta) {
    const of = groups.flatMap((values, i) => values.map(() => i));
    expect(explained(of, groups.flat())).toBeCloseTo(eta, 10);
  }
});

test('importance finds the setting that matters, also where the best value is in the middle', () => {
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 60 }), n => {
      const runs = Array.from({ length: n }, (_, i) => {
        const learningRate = 10 ** (-4 + (4 * i) / n);
        const distance = Math.abs(Math.log10(learningRate) + 2);
        return {
          settings: { learningRate, momentum: (i * 7) % 3, same: 1 },
          metrics: { 'val.accuracy': 1 - distance / 4 },
        };
      });
      const found = importances(runs, ['same', 'momentum', 'learningRate'], 'val.accuracy');
      expect(found[0]!.setting).toBe('learningRate');
      expect(found[0]!.share).toBeGreaterThan(0.5);
      expect(found.map(({ setting }) => setting)).not.toContain('same');
      for (const { share } of found) expect(share >= 0 && share <= 1).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('repeats differ in their seed alone', () => {
  const [A, B, C] = [idOf(1), idOf(2), idOf(3)];
  const run = (id: Id, settings: Record<string, number>) => runSummary({ id, settings });
  const groups = repeatsOf([
    run(A, { learningRate: 0.1, seed: 1 }),
    run(B, { seed: 2, learningRate: 0.1 }),
    run(C, { learningRate: 0.2, seed: 1 }),
  ]);
  expect(groups.map(({ runs }) => runs.map(({ id }) => id))).toEqual([[A, B], [C]]);
});
