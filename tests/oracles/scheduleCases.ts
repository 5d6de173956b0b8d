/** The schedules that are held against PyTorch: every example of every kind, and warm-ups before some of them. */
import { scheduleKinds } from '../../src/engine/schedules/registry.ts';

export interface ScheduleCase {
  name: string;
  kind: string;
  params: Record<string, unknown>;
  base: number;
  warmupSteps: number;
  stepsPerEpoch: number;
  epochs: number;
  /** Of each epoch on the validation images. */
  losses: number[];
}

const run = {
  base: 0.1,
  stepsPerEpoch: 5,
  epochs: 12,
  losses: [2, 1.5, 1.49, 1.495, 1.2, 1.3, 1.25, 1.21, 1.1, 1.1, 1.1, 1.0],
};

export function scheduleCases(): ScheduleCase[] {
  const examples = scheduleKinds().flatMap(({ kind, examples }) =>
    examples.map((params, i) => ({ name: `${kind}-${i}`, kind, params, warmupSteps: 0, ...run })),
  );
  const warmed = ['constant', 'CosineAnnealingLR'].map(kind => ({
    name: `${kind}-warm`,
    kind,
    params: {},
    warmupSteps: 8,
    ...run,
  }));
  return [...examples, ...warmed];
}
