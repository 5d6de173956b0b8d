/** The registry of optimizers: one line each. */
import { adam } from './adam.ts';
import { adamW } from './adamW.ts';
import type { OptimizerKind } from './optimizer.ts';
import { rmsProp } from './rmsProp.ts';
import { sgd } from './sgd.ts';

const kinds: readonly OptimizerKind[] = [sgd, adam, adamW, rmsProp];

export function optimizerKinds(): readonly OptimizerKind[] {
  return kinds;
}

export function optimizerKind(name: string): OptimizerKind | undefined {
  return kinds.find(kind => kind.kind === name);
}
