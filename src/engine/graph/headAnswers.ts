/**
 * Assigns answers to the outputs of a network, given its losses. A single output that does not declare its answer has
 * that of the losses.
 */
import type { Answer, LossTerm, NodeId } from './document.ts';
import { headsOf } from './heads.ts';
import type { Inference } from './inference.ts';

export interface HeadAnswers {
  readonly node: NodeId;
  readonly answer: Answer;
}

/** In the order of the heads, without those whose answer is unknown. */
export function headAnswersOf(inference: Inference, losses: readonly LossTerm[]): readonly HeadAnswers[] {
  const heads = headsOf(inference);
  const said = new Set(heads.map(({ answer }) => answer));
  const asked = losses.map(({ answer }) => answer).filter(answer => !said.has(answer));
  const guess = asked[0] ?? 'class';
  return heads.flatMap(({ node, answer }) => {
    if (answer !== null) return [{ node, answer }];
    return heads.length === 1 ? [{ node, answer: guess }] : [];
  });
}

/** The Input nodes, in topological order. */
export function inputsOf({ order, nodes }: Inference): readonly NodeId[] {
  return order.filter(id => nodes.get(id)!.kind?.inputs === 0);
}
