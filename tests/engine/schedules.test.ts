/** Schedules against PyTorch's (tests/oracles/schedules.py): the learning rate of every step of a run. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { explainParams } from '../../src/engine/layers/parameterErrors.ts';
import { scheduleKind, scheduleKinds } from '../../src/engine/schedules/registry.ts';
import { scheduledRate } from '../../src/engine/schedules/scheduledRate.ts';
import { scheduleCases } from '../oracles/scheduleCases.ts';

const path = new URL('../oracles/expected/schedules.json', import.meta.url);
const expected = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number[] | null>;

it.each(scheduleCases().map(each => [each.name, each] as const))('%s', (name, each) => {
  const kind = scheduleKind(each.kind)!;
  const { base, warmupSteps, stepsPerEpoch, losses } = each;
  const schedule = { kind, params: kind.schema.parse(each.params), base, warmupSteps };
  const steps = stepsPerEpoch * each.epochs;
  const rates = Array.from({ length: steps }, (_, step) => {
    const over = losses.slice(0, Math.floor(step / stepsPerEpoch));
    return scheduledRate(schedule, { step, steps, stepsPerEpoch, losses: over });
  });
  const wanted = expected[name];
  // Where PyTorch divides by zero, a rise of one step is its top.
  if (wanted === null) expect([rates[0], rates.every(Number.isFinite)]).toEqual([base, true]);
  else expect(wanted).toHaveLength(steps);
  for (const [step, rate] of (wanted ?? []).entries())
    expect(Math.abs(rates[step]! - rate), `step ${step}`).toBeLessThan(1e-9);
});

it('has every kind in the table', () => {
  const tried = new Set(scheduleCases().map(({ kind }) => kind));
  expect(scheduleKinds().filter(({ kind, examples }) => !tried.has(kind) || examples.length === 0)).toEqual(
    [],
  );
});

it('takes no milestone between two epochs: PyTorch would never come to it', () => {
  const { schema, fields } = scheduleKind('MultiStepLR')!;
  expect(schema.safeParse({ milestones: [2.5] }).success).toBe(false);
  expect(explainParams(fields, { milestones: [1, 2.5] })).toContain('whole number');
});
