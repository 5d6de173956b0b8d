/**
 * The outputs (heads) of a network and their answers. An `Output` node declares its answer; a single output without one
 * has whatever answer it is trained for.
 */
import { type Answer, answers, type NodeId } from './document.ts';
import type { Inference } from './inference.ts';

/** The kind of node that declares an answer. */
export const OUTPUT = 'Output';

export interface Head {
  /** The node of the output. */
  readonly node: NodeId;
  /** Null where it is not declared. */
  readonly answer: Answer | null;
}

/** In the order of `answers`; all connected nodes whose output is not used. */
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

/** The answer that an `Output` node declares. */
function answerOf({
  kind,
  params,
}: {
  kind: string;
  params: Readonly<Record<string, unknown>>;
}): Answer | null {
  return kind === OUTPUT ? (answers.find(answer => answer === params.answer) ?? 'class') : null;
}
