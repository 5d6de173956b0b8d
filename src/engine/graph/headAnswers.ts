/**
 * Which end of a network answers which question, given the losses that it is trained with. A network that ends in
 * one place and does not say what it answers, answers what its losses ask.
 */
import type { Answer, LossTerm, NodeId } from './document.ts';
import { headsOf } from './heads.ts';
import type { Inference } from './inference.ts';

export interface HeadAnswers {
  readonly node: NodeId;
  readonly answer: Answer;
}

/** In the order of the heads. A head whose answer nobody knows is left out. */
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

/** Where images enter, in topological order. */
export function inputsOf({ order, nodes }: Inference): readonly NodeId[] {
  return order.filter(id => nodes.get(id)!.kind?.inputs === 0);
}
