import type { Repair } from './repair.ts';

/** Why a layer cannot take the input it is given. */
export interface Fault {
  /** Stable, kebab-case: `kernel-larger-than-input`. */
  readonly code: string;
  readonly message: string;
  readonly repairs: readonly Repair[];
}
