/** Schedules against PyTorch's (tests/oracles/schedules.py): the learning rate of every step of a run. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scheduleKind, scheduleKinds } from '../../src/engine/schedules/registry.ts';
import { scheduledRate } from '../../src/engine/schedules/scheduledRate.ts';
import { scheduleCases } from '../oracles/scheduleCases.ts';

const path = new URL('../oracles/expected/schedules.json', import.meta.url);
const expected = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number[]>;

it.each(scheduleCases().map(each => [each.name, each] as const))('%s', (name, each) => {
  const kind = scheduleKind(each.kind)!;
  const { base, warmupSteps, stepsPerEpoch, losses } = each;
  const schedule = { kind, params: kind.schema.parse(each.params), base, warmupSteps };
  const steps = stepsPerEpoch * each.epochs;
  const rates = Array.from({ length: steps }, (_, step) => {
    const over = losses.slice(0, Math.floor(step / stepsPerEpoch));
    return scheduledRate(schedule, { step, steps, stepsPerEpoch, losses: over });
  });
  expect(expected[name]).toHaveLength(steps);
  for (const [step, rate] of rates.entries())
    expect(Math.abs(rate - expected[name]![step]!), `step ${step}`).toBeLessThan(1e-9);
});

it('has every kind in the table', () => {
  const tried = new Set(scheduleCases().map(({ kind }) => kind));
  expect(scheduleKinds().filter(({ kind, examples }) => !tried.has(kind) || examples.length === 0)).toEqual(
    [],
  );
});
