/** The schema of sweep plans from outside: calls and database rows. */
import { z } from 'zod';
import { MOST_RUNS } from '../experiments/sweepPlan.ts';

export const epochsSchema = z.int().min(1).max(100_000);

export const sweepPlanSchema = z.strictObject({
  fields: z
    .array(
      z.strictObject({
        path: z.string().min(1).max(200),
        values: z
          .array(z.union([z.number(), z.string().max(200), z.boolean()]))
          .min(1)
          .max(100),
      }),
    )
    .min(1)
    .max(20),
  strategy: z.enum(['grid', 'random', 'halving']),
  samples: z.int().min(1).max(MOST_RUNS).nullable(),
  seed: z.int().min(0).max(4_294_967_295),
  repeats: z.int().min(1).max(100),
  halving: z
    .strictObject({ epochs: epochsSchema, full: epochsSchema, factor: z.int().min(2).max(100) })
    .nullable(),
});
