/** What is wrong with a network or odd about it, in one sentence, and what would mend it. */
import type { Repair } from '../layers/repair.ts';
import type { NodeId } from './document.ts';

export type Severity = 'error' | 'warning';

export interface Diagnosis {
  /** The node concerned; null where it is the network as a whole. */
  readonly node: NodeId | null;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  /** Of a diagnosis that looks for them across the network, they are made when they are first looked at, and kept. */
  readonly repairs: readonly Repair[];
}

/** A diagnosis offers no more repairs than a person would read. */
export const MOST_REPAIRS = 24;

/** A diagnosis whose repairs are made when they are first looked at: most never are. */
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
