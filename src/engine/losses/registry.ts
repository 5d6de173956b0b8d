/** The registry of losses: one line each. */
import { bceWithLogits } from './bceWithLogits.ts';
import { crossEntropy } from './crossEntropy.ts';
import { dice } from './dice.ts';
import { giou } from './giou.ts';
import type { AnswerKind, LossKind } from './loss.ts';
import { mse } from './mse.ts';
import { smoothL1 } from './smoothL1.ts';

const kinds: readonly LossKind[] = [crossEntropy, bceWithLogits, smoothL1, mse, giou, dice];

export function lossKinds(): readonly LossKind[] {
  return kinds;
}

/** The losses for a kind of answer; the first is the default. */
export function lossKindsOf(answer: AnswerKind): readonly LossKind[] {
  return kinds.filter(kind => kind.answers.includes(answer));
}

export function lossKind(name: string): LossKind | undefined {
  return kinds.find(kind => kind.kind === name);
}
