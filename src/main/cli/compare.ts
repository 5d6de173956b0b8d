/**
 * `receptive compare`: what differs between the networks of two project files; or between runs, in their settings,
 * their networks, and on the same test images.
 */
import { existsSync } from 'node:fs';
import {
  type DrawingDiff,
  differs,
  diffGraphs,
  type GraphDiff,
  type NodeChange,
  type NoteChange,
} from '../../engine/graph/diff.ts';
import type { Graph } from '../../engine/graph/document.ts';
import { drawingAt } from '../../engine/graph/drawings.ts';
import { type Command, type Invocation, print, UsageError } from './command.ts';
import { compareRuns } from './compareRuns.ts';
import { readProject } from './projectFile.ts';

export const compare: Command = {
  name: 'compare',
  usage: 'FILE FILE | RUN RUN…',
  summary:
    'What differs between the networks of two project files; or between runs, named by id or name: settings, metrics, networks, and whether the second is really better on the same test images.',
  options: {},
  positionals: [2, 100],
  async run(invocation) {
    const { positionals } = invocation;
    if (!positionals.every(path => existsSync(path))) return compareRuns(invocation);
    if (positionals.length > 2) throw new UsageError('Two files are compared at a time.');
    return compareFiles(invocation);
  },
};

async function compareFiles(invocation: Invocation): Promise<number> {
  const [before, after] = invocation.positionals.map(path => readProject(path).graph) as [Graph, Graph];
  const diff = diffGraphs(before, after);
  const { matches: _, ...document } = diff;
  print(invocation, document, () => readable(before, after, diff));
  return 0;
}

const signed = (value: number) => (value > 0 ? `+${value}` : String(value));

function readable(before: Graph, after: Graph, diff: GraphDiff): string[] {
  if (!differs(diff)) return ['The networks are the same.'];
  const totals = `${signed(diff.deltaParams)} parameters, ${signed(diff.deltaMacs)} MACs`;
  return [...drawingLines(before, after, diff), '', totals];
}

/** What differs between two drawings; inside blocks, indented. */
function drawingLines(before: Graph, after: Graph, diff: DrawingDiff): string[] {
  const name = (graph: Graph, id: string) => `${graph.nodes[id]!.name} (${graph.nodes[id]!.kind})`;
  const edge = (graph: Graph, source: string, target: string) =>
    `${graph.nodes[source]!.name} → ${graph.nodes[target]!.name}`;
  const inside = ({ inside: within, before: from, after: to }: NodeChange) =>
    within ? drawingLines(drawingAt(before, `${from}/0/`)!, drawingAt(after, `${to}/0/`)!, within) : [];
  return [
    ...diff.removed.map(id => `- ${name(before, id)}`),
    ...diff.added.map(id => `+ ${name(after, id)}`),
    ...diff.changed.flatMap(change => [
      `~ ${changeText(change)}`,
      ...inside(change).map(line => `    ${line}`),
    ]),
    ...diff.removedEdges.map(({ source, target }) => `- edge ${edge(before, source, target)}`),
    ...diff.addedEdges.map(({ source, target }) => `+ edge ${edge(after, source, target)}`),
    ...diff.notes.map(noteText),
  ];
}

function noteText({ kind, before, after }: NoteChange): string {
  if (before === null) return `+ ${kind} ${JSON.stringify(after)}`;
  if (after === null) return `- ${kind} ${JSON.stringify(before)}`;
  return `~ ${kind} ${JSON.stringify(before)} → ${JSON.stringify(after)}`;
}

function changeText(change: NodeChange): string {
  const { name, renamedFrom, kindBefore, params, inside, deltaParams, deltaMacs } = change;
  const parts = params.map(
    ({ name: param, before, after }) => `${param} ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
  );
  if (renamedFrom !== null) parts.unshift(`was ${renamedFrom}`);
  if (kindBefore !== null) parts.unshift(`was ${kindBefore}`);
  if (deltaParams !== 0) parts.push(`${signed(deltaParams)} parameters`);
  if (deltaMacs !== 0) parts.push(`${signed(deltaMacs)} MACs`);
  if (inside) parts.push('inside');
  return `${name}: ${parts.join(', ')}`;
}
