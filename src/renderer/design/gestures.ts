/**
 * What hands do on the canvas, each gesture one step of undo: add, wire, splice, delete, duplicate, copy, paste.
 * The edits themselves are engine/graph/edits.ts; here stands which edit a gesture means.
 */

import { applyRepair } from '../../engine/graph/applyRepair.ts';
import type { Edge, Graph, NodeId } from '../../engine/graph/document.ts';
import {
  addNode,
  connect,
  disconnect,
  freeName,
  insertOnEdge,
  makeRoom,
  moveNodes,
  NODE_PITCH,
  newNode,
  type Position,
  refusesEdge,
  removeNodes,
  splice,
} from '../../engine/graph/edits.ts';
import { singleOutput } from '../../engine/graph/infer.ts';
import type { LayerKind } from '../../engine/layers/layer.ts';
import type { Repair } from '../../engine/layers/repair.ts';
import { editNetwork } from '../store/document.ts';
import { inferenceNow } from '../store/inference.ts';
import { editGraph, graphNow } from '../store/scope.ts';
import { selectedEdge, selectedNode, selectedNodes, selectNodes, selectNothing } from '../store/selection.ts';
import { say } from '../ui/toast.tsx';
import { edgeAt, NODE } from './flow.ts';
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

/** Adds a layer and leads an edge into it. */
export function addFrom(kind: LayerKind, source: NodeId, at: Position): void {
  adding(graph => {
    const added = addNode(graph, newNode(graph, kind, at));
    return { graph: connect(added.graph, { source, target: added.id, input: 0 }), id: added.id };
  });
}

/** Adds a layer after the selected one, else at the network's end; `fallback` is where nothing is to follow. */
export function addAfterSelection(kind: LayerKind, fallback: Position): void {
  const graph = graphNow();
  const source = selectedNode() ?? singleOutput(inferenceNow()) ?? undefined;
  const leaving = graph.edges.filter(other => other.source === source);
  const edge = selectedEdge() ?? (leaving.length === 1 ? leaving[0] : undefined);
  if (edge) addOnEdge(kind, edge);
  else if (source === undefined || kind.inputs === 0) addAt(kind, fallback);
  else if (leaving.length > 0) addFrom(kind, source, besides(source));
  else addFrom(kind, source, { x: graph.nodes[source]!.x, y: graph.nodes[source]!.y + NODE_PITCH });
}

function besides(id: NodeId): Position {
  const { x, y } = graphNow().nodes[id]!;
  return { x: x + NODE.width + 36, y: y + NODE_PITCH };
}

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

/** Draws an edge, or says why not. */
export function wire(edge: Edge): void {
  const refusal = refusesEdge(graphNow(), edge);
  if (refusal) say(refusal);
  else editGraph(graph => connect(graph, edge));
}

export function deleteEdge(edge: Edge): void {
  editGraph(graph => disconnect(graph, edge));
  selectNothing();
}

/** Deletes what is selected; `heal` joins the ends of a chain that it leaves open. */
export function deleteSelection(heal: boolean): void {
  const edge = selectedEdge();
  const ids = selectedNodes();
  if (edge) editGraph(graph => disconnect(graph, edge));
  else if (ids.length > 0) editGraph(graph => removeNodes(graph, ids, heal));
  selectNothing();
}

interface Clip {
  nodes: [NodeId, Graph['nodes'][NodeId]][];
  edges: Edge[];
}

let clipboard: Clip | undefined;
/** Each further paste of one clip lies a step away from the one before. */
let pastes = 0;

function clip(): Clip {
  const { nodes, edges } = graphNow();
  const ids = new Set(selectedNodes());
  return {
    nodes: [...ids].map(id => [id, nodes[id]!]),
    edges: edges.filter(({ source, target }) => ids.has(source) && ids.has(target)),
  };
}

export function copySelection(): void {
  const taken = clip();
  if (taken.nodes.length > 0) [clipboard, pastes] = [taken, 0];
}

export function cutSelection(): void {
  copySelection();
  deleteSelection(true);
}

export function pasteClipboard(): void {
  if (clipboard) put(clipboard, ++pastes);
}

export function duplicateSelection(): void {
  put(clip(), 1);
}

/** Adds copies with names and ids of their own, wired among themselves as the originals were. */
function put({ nodes, edges }: Clip, step: number): void {
  if (nodes.length === 0) return;
  const copies = new Map<NodeId, NodeId>();
  let graph = graphNow();
  for (const [id, node] of nodes) {
    const at = { x: node.x + step * (NODE.width + 36), y: node.y };
    const added = addNode(graph, { ...node, ...at, name: freeName(graph, node.kind) });
    copies.set(id, added.id);
    graph = added.graph;
  }
  for (const { source, target, input } of edges) {
    graph = connect(graph, { source: copies.get(source)!, target: copies.get(target)!, input });
  }
  editGraph(() => graph);
  selectNodes(copies.values());
}

export function selectAll(): void {
  selectNodes(Object.keys(graphNow().nodes));
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
  editNetwork(graph => applyRepair(graph, id, choice));
}
