/**
 * The schedules that are held against PyTorch: every example of every kind, warm-ups before some of them, and runs so
 * short or parameters so small that a schedule has no room for its form.
 */
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

/** Runs of few steps, and rises that end before, at or after the first one. */
function shortCycles(): ScheduleCase[] {
  const lengths = [1, 2, 3, 4, 7, 10, 100];
  const parts = [0.01, 0.1, 0.25, 0.3, 1 / 3, 0.5, 0.75, 0.99];
  return lengths.flatMap((steps, i) =>
    parts.map((pctStart, j) => ({
      name: `OneCycleLR-${steps}-${pctStart.toFixed(2)}`,
      kind: 'OneCycleLR',
      params: { pctStart, annealStrategy: (i + j) % 2 === 0 ? 'cos' : 'linear' },
      base: 0.1,
      warmupSteps: 0,
      stepsPerEpoch: 1,
      epochs: steps,
      losses: Array.from({ length: steps }, () => 1),
    })),
  );
}

/** What a schedule does at the ends of what it takes. */
const edges: readonly [name: string, kind: string, params: object, changed?: Partial<ScheduleCase>][] = [
  ['CosineAnnealingLR-one', 'CosineAnnealingLR', {}, { stepsPerEpoch: 1, epochs: 1 }],
  ['CosineAnnealingLR-two', 'CosineAnnealingLR', { etaMin: 0.5 }, { stepsPerEpoch: 1, epochs: 2 }],
  ['StepLR-one', 'StepLR', { stepSize: 1, gamma: 1e-6 }],
  ['StepLR-never', 'StepLR', { stepSize: 100, gamma: 1 }],
  ['MultiStepLR-first', 'MultiStepLR', { milestones: [0, 1], gamma: 0.5 }],
  ['MultiStepLR-twice', 'MultiStepLR', { milestones: [6, 2, 2, 100], gamma: 0.5 }],
  [
    'MultiStepLR-warm',
    'MultiStepLR',
    { milestones: [0, 2], gamma: 0.5 },
    { warmupSteps: 2, stepsPerEpoch: 1 },
  ],
  ['MultiStepLR-none', 'MultiStepLR', { milestones: [], gamma: 0.5 }],
  ['ExponentialLR-one', 'ExponentialLR', { gamma: 1 }],
  ['ReduceLROnPlateau-floor', 'ReduceLROnPlateau', { patience: 0, minLr: 0.5 }],
  ['ReduceLROnPlateau-strict', 'ReduceLROnPlateau', { patience: 0, threshold: 1, cooldown: 1, factor: 0.5 }],
  ['constant-warm-one', 'constant', {}, { warmupSteps: 1 }],
];

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
  // A warm-up climbs to where the cycle begins, also where it is on its way down from its first step on.
  const warmedCycles = [0.01, 0.3, 0.75].flatMap(pctStart =>
    [1, 8, 59].map(warmupSteps => ({
      name: `OneCycleLR-warm-${warmupSteps}-${pctStart}`,
      kind: 'OneCycleLR',
      params: { pctStart, divFactor: 10 },
      warmupSteps,
      ...run,
    })),
  );
  const atEdges = edges.map(([name, kind, params, changed]) => {
    return { name, kind, params: { ...params }, warmupSteps: 0, ...run, ...changed };
  });
  return [...examples, ...warmed, ...shortCycles(), ...warmedCycles, ...atEdges];
}
