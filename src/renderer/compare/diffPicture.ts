/**
 * Two graphs as one picture: the second as it is drawn, and beside it, where they were, the nodes of the first that
 * it lacks; frames and comments behind and beside them. Pure: what React Flow draws, from what diffGraphs found.
 */
import type { Edge as FlowEdgeOf, Node as FlowNodeOf } from '@xyflow/react';
import type { GraphDiff, NodeChange, NoteChange } from '../../engine/graph/diff.ts';
import type { Edge, Graph, NodeId } from '../../engine/graph/document.ts';
import type { Position } from '../../engine/graph/edits.ts';
import { type Inference, inferredAt, type NodeInference } from '../../engine/graph/inference.ts';
import { COMMENT_SIZE } from '../../engine/graph/rect.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { faceOf, handlesOf, NODE, nodeLabel, type ShownBlock } from '../graphView/flow.ts';

export type Fate = 'same' | 'added' | 'removed' | 'changed';

export type DiffFlowNode = FlowNodeOf<
  {
    name: string;
    kindName: string;
    bypassed: boolean;
    inferred: NodeInference | undefined;
    block: ShownBlock | null;
    fate: Fate;
    change: NodeChange | undefined;
  },
  'diff'
>;

/** A frame or a comment. */
export type DiffNoteNode = FlowNodeOf<{ kind: NoteChange['kind']; text: string; fate: Fate }, 'note'>;

export type DiffFlowEdge = FlowEdgeOf<{ fate: Fate; text: string }, 'diff'>;

export interface DiffSide {
  readonly graph: Graph;
  readonly inference: Inference;
}

/** Between a removed node and the column that it stands beside. */
const REMOVED_NODE_OFFSET = NODE.width + 60;

/** The id that a removed node has in the picture: the second graph may use its own again. */
export function removedId(id: NodeId): string {
  return `removed/${id}`;
}

export function diffPicture(before: DiffSide, after: DiffSide, diff: GraphDiff) {
  const added = new Set(diff.added);
  const changes = new Map(diff.changed.map(change => [change.after, change]));
  const nodes: DiffFlowNode[] = Object.entries(after.graph.nodes).map(([id, { x, y }]) => {
    const change = changes.get(id);
    const fate = added.has(id) ? 'added' : change ? 'changed' : 'same';
    return nodeOf(after, id, id, { x, y }, fate, change);
  });
  const places = new Set(nodes.map(({ position }) => placeKey(position)));
  for (const id of diff.removed) {
    let at = placeBeside(id, before.graph, after.graph, diff);
    while (places.has(placeKey(at))) at = { x: at.x + REMOVED_NODE_OFFSET, y: at.y };
    places.add(placeKey(at));
    nodes.push(nodeOf(before, id, removedId(id), at, 'removed', undefined));
  }
  return {
    nodes: [...notesOf(before.graph, after.graph, diff), ...nodes],
    edges: edgesOf(before, after, diff),
  };
}

/** Those of the second graph, and where they were, those of the first that it lacks. */
function notesOf(before: Graph, after: Graph, { notes }: GraphDiff): DiffNoteNode[] {
  const changes = new Map(notes.map(note => [noteId(note.kind, note.id), note]));
  const drawn = (graph: Graph) => [
    ...Object.entries(graph.frames ?? {}).map(([id, { title, x, y, width, height }]) =>
      noteOf('frame', id, title, { x, y }, { width, height }),
    ),
    ...Object.entries(graph.comments ?? {}).map(([id, { text, x, y }]) =>
      noteOf('comment', id, text, { x, y }, COMMENT_SIZE),
    ),
  ];
  const noteOf = (
    kind: NoteChange['kind'],
    key: string,
    text: string,
    position: Position,
    size: { width: number; height: number },
  ): DiffNoteNode => {
    const id = noteId(kind, key);
    const fate = fateOf(changes.get(id));
    return {
      id,
      type: 'note',
      position,
      width: size.width,
      ...(kind === 'frame' && { height: size.height }),
      measured: size,
      zIndex: kind === 'frame' ? -1 : 1,
      data: { kind, text, fate },
      ariaLabel: `${fate}: ${kind} ${text}`,
    };
  };
  const gone = drawn(before).filter(({ data }) => data.fate === 'removed');
  return [...drawn(after), ...gone];
}

/** The id of a frame or a comment in the picture. */
export const noteId = (kind: NoteChange['kind'], id: string) => `${kind}/${id}`;

export function fateOf(change: Pick<NoteChange, 'before' | 'after'> | undefined): Fate {
  if (!change) return 'same';
  return change.before === null ? 'added' : change.after === null ? 'removed' : 'changed';
}

function nodeOf(
  { graph, inference }: DiffSide,
  id: NodeId,
  shownId: string,
  position: Position,
  fate: Fate,
  change: NodeChange | undefined,
): DiffFlowNode {
  const node = graph.nodes[id]!;
  const { name } = node;
  const { kindName, block, hasInputs } = faceOf(graph, node);
  const inferred = inferredAt(inference, id);
  return {
    id: shownId,
    type: 'diff',
    position,
    ...NODE,
    measured: NODE,
    handles: handlesOf(hasInputs),
    data: { name, kindName, bypassed: node.bypassed === true, block, inferred, fate, change },
    ariaLabel: `${fate}: ${nodeLabel(name, kindName, inferred)}`,
  };
}

const placeKey = ({ x, y }: Position) =>
  `${Math.round(x / REMOVED_NODE_OFFSET)} ${Math.round(y / NODE.height)}`;

/** Where a removed node stood, as seen from a neighbour that is still there; a column aside. */
function placeBeside(id: NodeId, before: Graph, after: Graph, { matches }: GraphDiff): Position {
  const node = before.nodes[id]!;
  const near = [...nearestFirst(id, before)].find(other => matches.has(other));
  const [was, is] = [before.nodes[near ?? ''], after.nodes[matches.get(near ?? '') ?? '']];
  const moved = was && is ? { x: is.x - was.x, y: is.y - was.y } : { x: 0, y: 0 };
  return { x: node.x + moved.x + REMOVED_NODE_OFFSET, y: node.y + moved.y };
}

/** A node's neighbours, then theirs. */
function* nearestFirst(id: NodeId, { edges }: Graph): Generator<NodeId> {
  const seen = new Set([id]);
  for (const at of seen) {
    yield at;
    for (const { source, target } of edges) {
      if (source === at) seen.add(target);
      if (target === at) seen.add(source);
    }
  }
}

function edgesOf(before: DiffSide, after: DiffSide, diff: GraphDiff): DiffFlowEdge[] {
  const added = new Set(diff.added);
  const removed = new Set(diff.removed);
  const fresh = new Set(diff.addedEdges);
  const gone = new Set(diff.removedEdges);
  const shown = (id: NodeId) => (removed.has(id) ? removedId(id) : diff.matches.get(id)!);
  const kept = after.graph.edges.map(edge =>
    edgeOf(
      edge,
      [edge.source, edge.target],
      fresh.has(edge) || added.has(edge.source) || added.has(edge.target) ? 'added' : 'same',
      after,
    ),
  );
  const lost = before.graph.edges
    .filter(edge => gone.has(edge) || removed.has(edge.source) || removed.has(edge.target))
    .map(edge => edgeOf(edge, [shown(edge.source), shown(edge.target)], 'removed', before));
  return [...kept, ...lost];
}

function edgeOf(edge: Edge, [source, target]: [string, string], fate: Fate, side: DiffSide): DiffFlowEdge {
  const shape = inferredAt(side.inference, edge.source)?.figures?.shape;
  return {
    id: `${fate} ${source} ${target} ${edge.input}`,
    type: 'diff',
    source,
    target,
    data: { fate, text: shape ? shapeText(shape) : '?' },
  };
}
