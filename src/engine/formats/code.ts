/** Generated code as lines that refer to nodes, and names for nodes in code. */
import type { Diagnosis } from '../graph/diagnosis.ts';
import { diagnose } from '../graph/diagnostics/diagnose.ts';
import type { NodeId } from '../graph/document.ts';
import type { Inference, NodeInference } from '../graph/inference.ts';
import { shapeText } from '../layers/shape.ts';

export interface CodeLine {
  readonly text: string;
  /** The node that the line belongs to; null for none. */
  readonly node: NodeId | null;
}

/** The text of a file, ending with a line break. */
export function codeText(lines: readonly CodeLine[]): string {
  return `${lines.map(({ text }) => text).join('\n')}\n`;
}

export function line(text = '', node: NodeId | null = null): CodeLine {
  return { text, node };
}

export function indented(lines: readonly CodeLine[], by = '    '): CodeLine[] {
  return lines.map(({ text, node }) => ({ text: text && by + text, node }));
}

/** A comment of as many lines as the text. Characters that Python files may not contain are replaced. */
export function comment(text: string, node: NodeId | null = null): CodeLine[] {
  const parts = text.split(/\r\n|\r|\n/);
  return parts.map(part => line(`# ${part.replaceAll(/[^\P{Cc}\t]|\p{Cs}/gu, '\ufffd')}`.trimEnd(), node));
}

/** The same lines as comments, for code that cannot run. */
export function disabled(lines: readonly CodeLine[]): CodeLine[] {
  return lines.map(({ text, node }) => ({ text: `# ${text}`, node }));
}

export interface ShapedLine extends CodeLine {
  /** The node's output shape, appended as a comment. */
  readonly shape: string;
}

export function unshaped(lines: readonly CodeLine[]): ShapedLine[] {
  return lines.map(each => ({ ...each, shape: '' }));
}

/** The longest line whose shape comment is aligned with the others. */
const LONGEST_ALIGNED_LINE = 88;

/** Appends the shapes as aligned comments. */
export function withShapes(lines: readonly ShapedLine[]): CodeLine[] {
  const shaped = lines.filter(({ shape, text }) => shape && text.length <= LONGEST_ALIGNED_LINE);
  const column = Math.max(0, ...shaped.map(({ text }) => text.length));
  return lines.map(({ text, node, shape }) =>
    line(shape ? `${text.padEnd(column)}  # ${shape}` : text, node),
  );
}

/** Several definitions, each followed by two empty lines. */
export function definitions(texts: Iterable<string>): CodeLine[] {
  return [...texts].flatMap(text => [...text.split('\n').map(part => line(part)), line(), line()]);
}

/** One line that describes the network. */
export function heading(title: string, inference: Inference): string {
  const shapes = (ids: readonly NodeId[]) =>
    ids.map(id => {
      const shape = inference.nodes.get(id)?.figures?.shape;
      return shape ? shapeText(shape) : '?';
    });
  const entrances = inference.order.filter(id => inference.nodes.get(id)?.kind?.inputs === 0);
  const flow = [shapes(entrances), shapes(inference.outputs)].map(texts => texts.join(' and ')).join(' → ');
  const parameters = `${inference.totals.parameters.toLocaleString('en-US')} parameters`;
  return [title.replaceAll(/\s+/g, ' '), flow, parameters].join(' · ');
}

const errorsByNode = new WeakMap<readonly Diagnosis[], ReadonlyMap<NodeId | null, readonly Diagnosis[]>>();

/** The errors of a node, as comments. */
export function errorComments(inference: Inference, id: NodeId | null): CodeLine[] {
  const diagnoses = diagnose(inference);
  const errors =
    errorsByNode.get(diagnoses) ??
    Map.groupBy(
      diagnoses.filter(({ severity }) => severity === 'error'),
      ({ node }) => node,
    );
  errorsByNode.set(diagnoses, errors);
  return (errors.get(id) ?? []).flatMap(({ message }) => comment(`Error: ${message}`, id));
}

/** Whether a node has no code because it is bypassed or marks an output. */
export function isPassedBy({ node, kind }: NodeInference): boolean {
  return node.bypassed === true || (kind !== null && 'passes' in kind.pytorch);
}

/**
 * A unique identifier for every node: its own name where that is allowed. Nodes that can keep their name do, whatever
 * others get.
 */
export function distinctNames(
  nodes: Iterable<readonly [NodeId, NodeInference]>,
  refuses: (name: string) => boolean,
  otherwise: (name: string, taken: ReadonlySet<string>, counts: Map<string, number>) => string,
): Map<NodeId, string> {
  const taken = new Set<string>();
  const names = new Map<NodeId, string>();
  const counts = new Map<string, number>();
  const rest: (readonly [NodeId, string])[] = [];
  for (const [id, { node }] of nodes) {
    // Names inside a block's copies have dots, which are no Python identifiers.
    const word = node.name.replaceAll(/\W/g, '_');
    names.set(id, word);
    if (word !== node.name || taken.has(word) || refuses(word)) rest.push([id, word]);
    else taken.add(word);
  }
  for (const [id, word] of rest) {
    const name = taken.has(word) || refuses(word) ? otherwise(word, taken, counts) : word;
    taken.add(name);
    names.set(id, name);
  }
  return names;
}
