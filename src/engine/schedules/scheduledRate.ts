/**
 * The learning rate at a step: a linear warm-up from a hundredth (PyTorch's LinearLR), then the schedule (PyTorch's
 * SequentialLR).
 */
import type { ScheduleKind } from './schedule.ts';

/** The fraction of the rate that a warm-up starts at. */
const WARMUP_START = 0.01;

export interface Schedule {
  readonly kind: ScheduleKind;
  readonly params: Record<string, unknown>;
  /** The learning rate that was chosen. */
  readonly base: number;
  readonly warmupSteps: number;
}

export interface RunMoment {
  /** Counts from 0. */
  readonly step: number;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly losses: readonly number[];
}

export function scheduledRate(
  { kind, params, base, warmupSteps }: Schedule,
  { step, steps, stepsPerEpoch, losses }: RunMoment,
): number {
  const scheduled = kind.rate(params, base, {
    step: Math.max(0, step - warmupSteps),
    steps: Math.max(1, steps - warmupSteps),
    stepsPerEpoch,
    losses,
  });
  if (step >= warmupSteps) return scheduled;
  const top = kind.first?.(params, base) ?? scheduled;
  return top * (WARMUP_START + ((1 - WARMUP_START) * step) / warmupSteps);
}
