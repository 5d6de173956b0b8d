/**
 * The differences of two graphs, including those inside blocks that both have copies of. Positions on the canvas and
 * sizes of frames do not count.
 */
import { layerKind } from '../layers/registry.ts';
import { blockIdOf, blockOf, isBlock } from './blocks.ts';
import type { Drawing, Edge, Graph, GraphNode, NodeId } from './document.ts';
import { drawingAt } from './drawings.ts';
import { infer } from './infer.ts';
import { type Figures, type Inference, inferredAt } from './inference.ts';
import { matchNodes } from './matchNodes.ts';

export interface ParamChange {
  readonly name: string;
  /** Undefined where it is not set, so that the kind's initial value holds. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface NodeChange {
  readonly before: NodeId;
  readonly after: NodeId;
  /** Its name in the second graph. */
  readonly name: string;
  /** Null where the name is the same. */
  readonly renamedFrom: string | null;
  /** Null where the kind is the same. */
  readonly kindBefore: string | null;
  readonly params: readonly ParamChange[];
  /** For two copies of blocks: the differences inside, with costs of one repetition; null for none. */
  readonly inside: DrawingDiff | null;
  readonly deltaParams: number;
  readonly deltaMacs: number;
}

/** A changed frame or comment. */
export interface NoteChange {
  readonly kind: 'frame' | 'comment';
  readonly id: string;
  /** Null where it is new, or removed. */
  readonly before: string | null;
  readonly after: string | null;
}

/** The differences of two drawings. */
export interface DrawingDiff {
  /** Ids of the second. */
  readonly added: readonly NodeId[];
  /** Ids of the first. */
  readonly removed: readonly NodeId[];
  /** Matched nodes that differ, or whose costs differ because of what comes before. */
  readonly changed: readonly NodeChange[];
  /** Edges of the second drawing between matched nodes, without counterpart in the first. */
  readonly addedEdges: readonly Edge[];
  /** Edges of the first drawing between matched nodes, without counterpart in the second. */
  readonly removedEdges: readonly Edge[];
  readonly notes: readonly NoteChange[];
}

export interface GraphDiff extends DrawingDiff {
  /** From node ids of the first graph to those of the second. */
  readonly matches: ReadonlyMap<NodeId, NodeId>;
  readonly deltaParams: number;
  readonly deltaMacs: number;
}

/** A drawing with its inference: the network's, or a block's in one of its copies. */
interface Side {
  readonly drawing: Graph;
  /** Of the whole network. */
  readonly inference: Inference;
  readonly scope: string;
}

export function diffGraphs(before: Graph, after: Graph): GraphDiff {
  const [was, is] = [before, after].map(drawing => ({ drawing, inference: infer(drawing), scope: '' })) as [
    Side,
    Side,
  ];
  const matches = matchNodes(before, after);
  const [old, fresh] = [was.inference.totals, is.inference.totals];
  return {
    ...diffDrawings(was, is, matches),
    matches,
    deltaParams: fresh.parameters - old.parameters,
    deltaMacs: fresh.macs - old.macs,
  };
}

/** Whether there is any difference. */
export function differs(diff: DrawingDiff): boolean {
  const { added, removed, changed, addedEdges, removedEdges, notes } = diff;
  return [added, removed, changed, addedEdges, removedEdges, notes].some(list => list.length > 0);
}

function diffDrawings(was: Side, is: Side, matches: ReadonlyMap<NodeId, NodeId>): DrawingDiff {
  const [before, after] = [was.drawing, is.drawing];
  const found = new Set(matches.values());
  return {
    added: Object.keys(after.nodes).filter(id => !found.has(id)),
    removed: Object.keys(before.nodes).filter(id => !matches.has(id)),
    changed: Object.keys(before.nodes).flatMap(from => {
      const to = matches.get(from);
      return to === undefined ? [] : (changeOf(was, from, is, to) ?? []);
    }),
    ...diffEdges(before, after, matches),
    notes: [
      ...diffNotes('frame', titlesOf(before), titlesOf(after)),
      ...diffNotes('comment', textsOf(before), textsOf(after)),
    ],
  };
}

/** The differences of two matched nodes; undefined for none. */
function changeOf(was: Side, from: NodeId, is: Side, to: NodeId): NodeChange | undefined {
  const [a, b] = [was.drawing.nodes[from]!, is.drawing.nodes[to]!];
  const figures = ({ inference, scope }: Side, id: NodeId) => inferredAt(inference, scope + id)?.figures;
  const [old, fresh] = [figures(was, from), figures(is, to)];
  const change: NodeChange = {
    before: from,
    after: to,
    name: b.name,
    renamedFrom: a.name === b.name ? null : a.name,
    kindBefore: a.kind === b.kind ? null : a.kind,
    params: changedParams(settingsOf(was.drawing, a, old), settingsOf(is.drawing, b, fresh)),
    inside: diffInside(was, from, is, to),
    deltaParams: (fresh?.parameters ?? 0) - (old?.parameters ?? 0),
    deltaMacs: (fresh?.macs ?? 0) - (old?.macs ?? 0),
  };
  const { renamedFrom, kindBefore, params, inside, deltaParams, deltaMacs } = change;
  const isSame = renamedFrom === null && kindBefore === null && params.length === 0 && inside === null;
  return isSame && deltaParams === 0 && deltaMacs === 0 ? undefined : change;
}

/** A node's parameters. For a copy, the block's name replaces its id, which differs between projects. */
function settingsOf(drawing: Graph, node: GraphNode, figures?: Figures | null): Record<string, unknown> {
  const { bypassed, frozen } = node;
  const own = layerKind(node.kind)?.schema.safeParse(node.params);
  // The figures of a bypassed node are Identity's.
  const params = (!bypassed && figures?.params) || (own?.data as Record<string, unknown>) || node.params;
  const name = isBlock(node) ? { block: blockOf(drawing, node)?.name ?? blockIdOf(node) } : {};
  return { ...params, ...name, ...(bypassed && { bypassed }), ...(frozen && { frozen }) };
}

/** The differences inside two copies that were expanded; one that was not may contain itself. */
function diffInside(was: Side, from: NodeId, is: Side, to: NodeId): DrawingDiff | null {
  const [before, after] = [insideOf(was, from), insideOf(is, to)];
  if (!before || !after) return null;
  const diff = diffDrawings(before, after, matchNodes(before.drawing, after.drawing));
  return differs(diff) ? diff : null;
}

function insideOf({ drawing, inference, scope }: Side, id: NodeId): Side | undefined {
  const inner = inference.copies.has(scope + id) ? drawingAt(drawing, `${id}/0/`) : undefined;
  return inner && { drawing: inner, inference, scope: `${scope}${id}/0/` };
}

function changedParams(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): ParamChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map(name => ({ name, before: before[name], after: after[name] }));
}

function diffEdges(
  before: Drawing,
  after: Drawing,
  matches: ReadonlyMap<NodeId, NodeId>,
): Pick<DrawingDiff, 'addedEdges' | 'removedEdges'> {
  const back = new Map([...matches].map(([from, to]) => [to, from]));
  const key = ({ source, target, input }: Edge) => `${source}\n${target}\n${input}`;
  const [oldEdges, newEdges] = [new Set(before.edges.map(key)), new Set(after.edges.map(key))];
  const isNew = (edge: Edge, ids: ReadonlyMap<NodeId, NodeId>, others: ReadonlySet<string>) => {
    const [source, target] = [ids.get(edge.source), ids.get(edge.target)];
    return source !== undefined && target !== undefined && !others.has(key({ ...edge, source, target }));
  };
  return {
    addedEdges: after.edges.filter(edge => isNew(edge, back, oldEdges)),
    removedEdges: before.edges.filter(edge => isNew(edge, matches, newEdges)),
  };
}

const titlesOf = ({ frames = {} }: Drawing) =>
  Object.fromEntries(Object.entries(frames).map(([id, { title }]) => [id, title]));

const textsOf = ({ comments = {} }: Drawing) =>
  Object.fromEntries(Object.entries(comments).map(([id, { text }]) => [id, text]));

function diffNotes(
  kind: NoteChange['kind'],
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): NoteChange[] {
  return changedParams(before, after).map(({ name, before: was = null, after: is = null }) => ({
    kind,
    id: name,
    before: was as string | null,
    after: is as string | null,
  }));
}
