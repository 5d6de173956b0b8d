/**
 * What hands do on the canvas, each gesture one step of undo: add, wire, splice, delete, duplicate, frame, comment.
 * The edits themselves are in engine/graph; here stands which edit a gesture means. The clipboard is clipboard.ts,
 * layout arranging.ts.
 */

import { repaired } from '../../engine/graph/applyRepair.ts';
import { inputsOf } from '../../engine/graph/blocks.ts';
import { addComment, addFrameAround } from '../../engine/graph/canvasFrames.ts';
import {
  allItems,
  type CommentId,
  countOf,
  type FrameId,
  type Items,
  rectsOf,
  removeItems,
  withContents,
} from '../../engine/graph/canvasItems.ts';
import { pasteClip, takeClip } from '../../engine/graph/clipboardText.ts';
import type { Edge, Graph, NodeId } from '../../engine/graph/document.ts';
import {
  addNode,
  connect,
  disconnect,
  insertOnEdge,
  makeRoom,
  moveNodes,
  NODE_PITCH,
  newNode,
  type Position,
  refusesEdge,
  splice,
} from '../../engine/graph/edits.ts';
import { singleOutput } from '../../engine/graph/inference.ts';
import { boundsOf, overlaps, type Rect } from '../../engine/graph/rect.ts';
import { toggleBypass } from '../../engine/graph/rewire.ts';
import { reachedFrom } from '../../engine/graph/wiring.ts';
import type { LayerKind } from '../../engine/layers/layer.ts';
import type { Repair } from '../../engine/layers/repair.ts';
import {
  selectedEdge,
  selectedItems,
  selectedNode,
  selectedNodes,
  selectItems,
  selectNodes,
  selectNothing,
} from '../store/canvasSelection.ts';
import { inferenceNow } from '../store/documentInference.ts';
import { edit } from '../store/openDocument.ts';
import { editGraph, graphNow } from '../store/openDrawing.ts';
import { say } from '../ui/toast.tsx';
import { useCanvas } from './canvasState.ts';
import { edgeAt, NODE } from './flow.ts';
import { commentFlowId, frameFlowId } from './flowId.ts';
import { showNode } from './showNode.ts';

/** Changes the graph and shows the node that came of it. */
function adding(change: (graph: Graph) => { graph: Graph; id: NodeId }): void {
  const { graph, id } = change(graphNow());
  editGraph(() => graph);
  showNode(id);
}

/** Adds a layer where it lies, wired to nothing. */
export function addAt(kind: LayerKind, at: Position): void {
  adding(graph => addNode(graph, newNode(graph, kind, at)));
}

export function addOnEdge(kind: LayerKind, edge: Edge): void {
  if (kind.inputs === 0) addAt(kind, besides(edge.target));
  else adding(graph => insertOnEdge(graph, edge, kind));
}

/** Adds a layer and leads edges into it. */
export function addFrom(kind: LayerKind, sources: readonly NodeId[], at: Position): void {
  adding(graph => {
    const added = addNode(graph, newNode(graph, kind, at));
    return { graph: connectAll(added.graph, sources, added.id), id: added.id };
  });
}

function connectAll(graph: Graph, sources: readonly NodeId[], target: NodeId): Graph {
  return sources.reduce((current, source, input) => connect(current, { source, target, input }), graph);
}

/** What an edge dragged from this node brings along: the other selected nodes' outputs too, if it is one of them. */
export function sourcesOf(id: NodeId): NodeId[] {
  const { nodes } = graphNow();
  const selected = selectedNodes();
  if (!selected.includes(id)) return [id];
  return selected.toSorted((a, b) => nodes[a]!.x - nodes[b]!.x || nodes[a]!.y - nodes[b]!.y);
}

/** Adds a layer after the selected one, else at the network's end; `fallback` is where nothing is to follow. */
export function addAfterSelection(kind: LayerKind, fallback: Position): void {
  const graph = graphNow();
  const source = selectedNode() ?? singleOutput(inferenceNow()) ?? undefined;
  const leaving = graph.edges.filter(other => other.source === source);
  const edge = selectedEdge() ?? (leaving.length === 1 ? leaving[0] : undefined);
  if (edge) addOnEdge(kind, edge);
  else if (source === undefined || kind.inputs === 0) addAt(kind, fallback);
  else if (leaving.length > 0) addFrom(kind, [source], besides(source));
  else addFrom(kind, [source], { x: graph.nodes[source]!.x, y: graph.nodes[source]!.y + NODE_PITCH });
}

function besides(id: NodeId): Position {
  const { x, y } = graphNow().nodes[id]!;
  return { x: x + ASIDE, y: y + NODE_PITCH };
}

/** From one column of nodes to the next. */
const ASIDE = NODE.width + 36;

/** Drops a layer from the palette: into the edge under it, else where it is. `at` is the pointer's place. */
export function dropKind(kind: LayerKind, at: Position): void {
  const edge = kind.inputs === 0 ? undefined : edgeAt(graphNow(), at);
  if (edge) addOnEdge(kind, edge);
  else addAt(kind, { x: at.x - NODE.width / 2, y: at.y - NODE.height / 2 });
}

/** Lets dragged nodes go. One that is wired to nothing and lies on an edge is spliced into it. */
export function dropNodes(positions: Readonly<Record<NodeId, Position>>): void {
  const [id, ...others] = Object.keys(positions);
  if (id === undefined) return;
  editGraph(graph => {
    const edge = others.length === 0 ? edgeForLoose(graph, id, positions[id]!) : undefined;
    if (!edge) return moveNodes(graph, positions);
    const { y } = graph.nodes[edge.source]!;
    const { x } = graph.nodes[edge.target]!;
    const placed = moveNodes(makeRoom(graph, edge), { [id]: { x, y: y + NODE_PITCH } });
    return splice(placed, edge, id);
  });
}

/** The edge that a node without edges of its own would be spliced into at this place. */
export function edgeForLoose(graph: Graph, id: NodeId, at: Position): Edge | undefined {
  if (graph.edges.some(({ source, target }) => source === id || target === id)) return undefined;
  return edgeAt(graph, { x: at.x + NODE.width / 2, y: at.y + NODE.height / 2 });
}

/** Draws an edge, or says why not. A node that takes several is led what else was brought along. */
export function wire(edge: Edge, brought: readonly NodeId[] = []): void {
  const { nodes } = graphNow();
  const refusal = refusesEdge(graphNow(), edge);
  const target = nodes[edge.target];
  const merges = target && inputsOf(graphNow(), target) === 'several';
  if (refusal) say(refusal);
  else if (merges && brought.length > 1) editGraph(graph => connectAll(graph, brought, edge.target));
  else editGraph(graph => connect(graph, edge));
}

export function deleteEdge(edge: Edge): void {
  editGraph(graph => disconnect(graph, edge));
  selectNothing();
}

/** Deletes what is selected; `heal` joins the ends of a chain that it leaves open. */
export function deleteSelection(heal: boolean): void {
  const edge = selectedEdge();
  const items = selectedItems();
  if (edge) editGraph(graph => disconnect(graph, edge));
  else if (countOf(items) > 0) editGraph(graph => removeItems(graph, items, heal));
  selectNothing();
}

/** Adds copies of items, so far from their originals, wired among themselves as those are. */
export function putCopies(originals: Items, by: Position): void {
  const { graph, items } = pasteClip(graphNow(), takeClip(graphNow(), originals), { by, keepsEdges: false });
  editGraph(() => graph);
  selectItems(items);
}

/** Copies what is selected to the nearest free place beside it. */
export function duplicateSelection(): void {
  const items = withContents(graphNow(), selectedItems());
  if (countOf(items) > 0) putCopies(items, freePlace(rectsOf(graphNow(), items), { x: ASIDE, y: 0 }));
}

/** How far things have to move so that they lie over no others: `by`, and from there on to the right. */
export function freePlace(rects: readonly Rect[], by: Position): Position {
  const bounds = boundsOf(rects);
  if (!bounds) return by;
  const graph = graphNow();
  const { nodes, comments } = allItems(graph);
  const taken = rectsOf(graph, { nodes, frames: [], comments });
  let x = by.x;
  const isTaken = () =>
    taken.some(rect => overlaps(rect, { ...bounds, x: bounds.x + x, y: bounds.y + by.y }));
  while (isTaken()) x += ASIDE;
  return { x, y: by.y };
}

export function bypassSelection(): void {
  editGraph(graph => toggleBypass(graph, selectedNodes()));
}

/** Adds to the selection all that feeds it, or all that it feeds. */
export function selectStream(direction: 'up' | 'down'): void {
  selectNodes(reachedFrom(graphNow(), selectedNodes(), direction));
}

/** The gesture that drawing a frame and giving it its first title are part of. */
export const framing = (id: FrameId): string => `frame ${id}`;

/** Draws a frame around what is selected, and asks for its title. */
export function frameSelection(at: Position): void {
  const { graph, id } = addFrameAround(graphNow(), selectedItems(), at);
  editGraph(() => graph, framing(id));
  selectItems({ frames: [id] });
  useCanvas.setState({ editing: frameFlowId(id) });
}

/** The gesture that adding a comment and writing its first words are part of. */
export const writing = (id: CommentId): string => `comment ${id}`;

/** Puts a comment where it is to be written. */
export function commentAt({ x, y }: Position): void {
  const { graph, id } = addComment(graphNow(), { text: '', x: Math.round(x), y: Math.round(y) });
  editGraph(() => graph, writing(id));
  selectItems({ comments: [id] });
  useCanvas.setState({ editing: commentFlowId(id) });
}

export function selectAll(): void {
  selectItems(allItems(graphNow()));
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The node that an arrow key leads to: up and down along the edges, left and right to the nearest beside. */
export function neighbour(from: NodeId | undefined, direction: Direction): NodeId | undefined {
  const { nodes, edges } = graphNow();
  const here = from === undefined ? undefined : nodes[from];
  if (!here) return inferenceNow().order[0];
  if (direction === 'up') return edges.find(edge => edge.target === from)?.source;
  if (direction === 'down') return edges.find(edge => edge.source === from)?.target;
  const ahead = direction === 'right' ? 1 : -1;
  const beside = Object.entries(nodes).filter(([, node]) => (node.x - here.x) * ahead > NODE.width / 2);
  const far = ({ x, y }: Position) => Math.hypot(x - here.x, 2 * (y - here.y));
  return beside.sort(([, a], [, b]) => far(a) - far(b))[0]?.[0];
}

/** Takes a repair of a layer anywhere in the network: one step of undo, however many edits it is. */
export function repair(id: NodeId | null, choice: Repair): void {
  edit(document => repaired(document, id, choice));
}
