/**
 * What a schedule is: the learning rate at a step, a pure function of the progress and of the losses so far, so that a
 * resumed run needs no more state. One kind, one file.
 */
import type { z } from 'zod';
import { type Fields, schemaOf, type Values } from '../layers/fields.ts';

/** The progress of a run. Steps count from the end of the warm-up. */
export interface Moment {
  /** Counts from 0. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** The loss of each finished epoch: of validation, or of training where there is no validation split. */
  readonly losses: readonly number[];
}

export interface ScheduleKind<F extends Fields = Fields> {
  /** PyTorch's class name; `constant` has none. */
  readonly kind: string;
  readonly help: string;
  readonly fields: F;
  readonly schema: z.ZodType<Values<F>>;
  /** Parameters of test cases. */
  readonly examples: readonly Record<string, unknown>[];
  /** @param base the learning rate that was chosen */
  rate(params: Values<F>, base: number, moment: Moment): number;
  /** The rate that a warm-up rises to (PyTorch's `initial_lr`), where that differs from the first step's. */
  first?(params: Values<F>, base: number): number;
  /** The constructor call on `optimizer`; null where PyTorch needs none. */
  pytorch(params: Values<F>, base: number, steps: { total: number; perEpoch: number }): string | null;
}

export function defineSchedule<F extends Fields>(
  definition: Omit<ScheduleKind<F>, 'schema'>,
): ScheduleKind<F> {
  return { ...definition, schema: schemaOf(definition.fields) };
}

/** Number of finished epochs. */
export function epochOf({ step, stepsPerEpoch }: Moment): number {
  return Math.floor(step / stepsPerEpoch);
}
