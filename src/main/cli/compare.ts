/** `receptive compare`: what differs between the networks of two project files. */
import { diffGraphs, type GraphDiff, type NodeChange } from '../../engine/graph/diff.ts';
import type { Graph } from '../../engine/graph/document.ts';
import { type Command, print } from './command.ts';
import { readProject } from './projectFile.ts';

export const compare: Command = {
  name: 'compare',
  usage: 'FILE FILE',
  summary: 'What differs between the networks of two project files.',
  options: {},
  positionals: [2, 2],
  async run(invocation) {
    const [before, after] = invocation.positionals.map(path => readProject(path).graph) as [Graph, Graph];
    const diff = diffGraphs(before, after);
    const { matches: _, ...document } = diff;
    print(invocation, document, () => readable(before, after, diff));
    return 0;
  },
};

const signed = (value: number) => (value > 0 ? `+${value}` : String(value));

function readable(before: Graph, after: Graph, diff: GraphDiff): string {
  const name = (graph: Graph, id: string) => `${graph.nodes[id]!.name} (${graph.nodes[id]!.kind})`;
  const edge = (graph: Graph, source: string, target: string) =>
    `${graph.nodes[source]!.name} → ${graph.nodes[target]!.name}`;
  const lines = [
    ...diff.removed.map(id => `- ${name(before, id)}`),
    ...diff.added.map(id => `+ ${name(after, id)}`),
    ...diff.changed.map(change => `~ ${changeText(change)}`),
    ...diff.removedEdges.map(({ source, target }) => `- edge ${edge(before, source, target)}`),
    ...diff.addedEdges.map(({ source, target }) => `+ edge ${edge(after, source, target)}`),
  ];
  if (lines.length === 0) return 'The networks are the same.';
  return [...lines, '', `${signed(diff.deltaParams)} parameters, ${signed(diff.deltaMacs)} MACs`].join('\n');
}

function changeText({ name, renamedFrom, kindBefore, params, deltaParams, deltaMacs }: NodeChange): string {
  const parts = params.map(
    ({ name: param, before, after }) => `${param} ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
  );
  if (renamedFrom !== null) parts.unshift(`was ${renamedFrom}`);
  if (kindBefore !== null) parts.unshift(`was ${kindBefore}`);
  if (deltaParams !== 0) parts.push(`${signed(deltaParams)} parameters`);
  if (deltaMacs !== 0) parts.push(`${signed(deltaMacs)} MACs`);
  return `${name}: ${parts.join(', ')}`;
}
