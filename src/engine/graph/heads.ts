/**
 * Where a network answers, and what. An `Output` node says so; a network that ends in one place without one
 * answers whatever it is trained on.
 */
import { type Answer, answers, type NodeId } from './document.ts';
import type { Inference } from './inference.ts';

/** The kind of a node that says what it answers. */
export const OUTPUT = 'Output';

export interface Head {
  /** Where the answer flows out. */
  readonly node: NodeId;
  /** Null where the network does not say. */
  readonly answer: Answer | null;
}

/** In the order of `answers`; of nodes that nothing flows out of, those that are wired. */
export function headsOf({
  nodes,
  outputs,
  graph,
}: Pick<Inference, 'nodes' | 'outputs' | 'graph'>): readonly Head[] {
  const wired = new Set(graph.edges.map(({ target }) => target));
  return outputs
    .filter(id => wired.has(id) || nodes.size === 1)
    .map(node => ({ node, answer: answerOf(nodes.get(node)!.node) }))
    .toSorted((a, b) => rank(a) - rank(b));
}

const rank = ({ answer }: Head) => (answer === null ? answers.length : answers.indexOf(answer));

/** What an `Output` node says that it answers. */
function answerOf({
  kind,
  params,
}: {
  kind: string;
  params: Readonly<Record<string, unknown>>;
}): Answer | null {
  return kind === OUTPUT ? (answers.find(answer => answer === params.answer) ?? 'class') : null;
}
