/** The registry of losses: one line each. */
import { crossEntropy } from './crossEntropy.ts';
import type { LossKind } from './loss.ts';

const kinds: readonly LossKind[] = [crossEntropy];

export function lossKinds(): readonly LossKind[] {
  return kinds;
}

export function lossKind(name: string): LossKind | undefined {
  return kinds.find(kind => kind.kind === name);
}
