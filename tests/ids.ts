import type { Id } from '../src/bridge/ids.ts';

/** An id that is the same each time, told apart by its number. */
export function idOf(n: number): Id {
  return n.toString(16).padStart(16, '0') as Id;
}
