/** How long a queue takes: by runs of the same kind, and by nothing else. */
import { expect, test } from 'vitest';
import { secondsLeft } from '../../src/renderer/runs/queueTime.ts';
import { runSummary } from '../experiments/runSummary.ts';

const run = (network: string, step: number, seconds: number) =>
  runSummary({ settings: { network, batchSize: 64 }, step, steps: 100, seconds });

test('each run takes what the latest one of its kind took for a step', () => {
  const [latest, earlier] = [run('a', 100, 20), run('a', 100, 500)];
  const [under, waiting] = [run('a', 40, 8), run('a', 0, 0)];
  expect(secondsLeft([under, waiting], [waiting, under, latest, earlier])).toBeCloseTo(60 * 0.2 + 100 * 0.2);
  expect(secondsLeft([], [latest])).toBe(0);
});

test('of a kind that was not trained yet nothing is told', () => {
  const other = run('b', 0, 0);
  expect(secondsLeft([other], [other, run('a', 100, 20)])).toBeNull();
});
