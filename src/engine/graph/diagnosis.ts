/** A problem or peculiarity of a network in one sentence, with repairs. */
import type { Repair } from '../layers/repair.ts';
import type { NodeId } from './document.ts';

export type Severity = 'error' | 'warning';

export interface Diagnosis {
  /** The node concerned; null where it is the network as a whole. */
  readonly node: NodeId | null;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  /** Repairs that need the whole network are computed on first access, and cached. */
  readonly repairs: readonly Repair[];
}

/** The most repairs that a diagnosis offers. */
export const MOST_REPAIRS = 24;

/** A diagnosis whose repairs are computed on first access, as most are never shown. */
export function withRepairs(
  { node, severity, code, message }: Omit<Diagnosis, 'repairs'>,
  make: () => readonly Repair[],
): Diagnosis {
  let made: readonly Repair[] | undefined;
  return {
    node,
    severity,
    code,
    message,
    get repairs() {
      made ??= make().slice(0, MOST_REPAIRS);
      return made;
    },
  };
}
