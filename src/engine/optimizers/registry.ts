/** The registry of optimizers: one line each. */
import type { OptimizerKind } from './optimizer.ts';
import { sgd } from './sgd.ts';

const kinds: readonly OptimizerKind[] = [sgd];

export function optimizerKinds(): readonly OptimizerKind[] {
  return kinds;
}

export function optimizerKind(name: string): OptimizerKind | undefined {
  return kinds.find(kind => kind.kind === name);
}
