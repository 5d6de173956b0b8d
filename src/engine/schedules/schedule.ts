/**
 * What a schedule is: how large the learning rate is at a step. A pure function of where the run is and how its
 * epochs went, so that a run that is taken up again needs nothing else. One kind, one file.
 */
import type { z } from 'zod';
import { type Fields, schemaOf, type Values } from '../layers/fields.ts';

/** Where a run is. Steps count from the end of the warm-up. */
export interface Moment {
  /** Counts from 0. */
  readonly step: number;
  /** Of the whole run. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Of the epochs that are over, the loss on the validation images; of the training where there are none. */
  readonly losses: readonly number[];
}

export interface ScheduleKind<F extends Fields = Fields> {
  /** PyTorch's class name; `constant` has none. */
  readonly kind: string;
  readonly help: string;
  readonly fields: F;
  readonly schema: z.ZodType<Values<F>>;
  /** One row of tests for each. */
  readonly examples: readonly Record<string, unknown>[];
  /** @param base the learning rate that was chosen */
  rate(params: Values<F>, base: number, moment: Moment): number;
  /** What a warm-up climbs to (PyTorch's `initial_lr`), where that is not the rate of the first step. */
  first?(params: Values<F>, base: number): number;
  /** The constructor call on `optimizer`; null where PyTorch needs none. */
  pytorch(params: Values<F>, base: number, steps: { total: number; perEpoch: number }): string | null;
}

export function defineSchedule<F extends Fields>(
  definition: Omit<ScheduleKind<F>, 'schema'>,
): ScheduleKind<F> {
  return { ...definition, schema: schemaOf(definition.fields) };
}

/** Epochs that are over. */
export function epochOf({ step, stepsPerEpoch }: Moment): number {
  return Math.floor(step / stepsPerEpoch);
}
