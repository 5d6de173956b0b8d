/**
 * Every change that a gesture makes to a graph, as a pure function: the old graph stays as it is, so that undo
 * is to keep it, and what did not change is shared, so that inference sees what did.
 */
import { initialValues } from '../layers/fields.ts';
import type { LayerKind, Repair } from '../layers/layer.ts';
import { layerKind } from '../layers/registry.ts';
import type { Edge, Graph, GraphNode, NodeId } from './document.ts';

export interface Position {
  readonly x: number;
  readonly y: number;
}

/** Distance between two nodes of a chain, top to top, in canvas pixels. */
export const NODE_PITCH = 82;

/** A name that no node has yet: `conv1`, `conv2`, … */
export function freeName(graph: Graph, kind: string): string {
  const stem = kind.toLowerCase().replace(/2d$/, '');
  const taken = new Set(Object.values(graph.nodes).map(node => node.name));
  for (let i = 1; ; i++) if (!taken.has(`${stem}${i}`)) return `${stem}${i}`;
}

function freeId(graph: Graph): NodeId {
  // Ids never return to a deleted node's, so that two versions of a graph can be matched by identity.
  for (;;) {
    const id = Math.random().toString(36).slice(2, 10);
    if (id && !(id in graph.nodes)) return id;
  }
}

/** A node of this kind with initial parameters, those given replaced. */
export function newNode(graph: Graph, kind: LayerKind, at: Position, params: object = {}): GraphNode {
  const values = { ...initialValues(kind.fields), ...params } as GraphNode['params'];
  return { kind: kind.kind, name: freeName(graph, kind.kind), params: values, x: at.x, y: at.y };
}

export function addNode(graph: Graph, node: GraphNode, id = freeId(graph)): { graph: Graph; id: NodeId } {
  return { graph: { ...graph, nodes: { ...graph.nodes, [id]: node } }, id };
}

/**
 * Removes nodes. `heal` joins what was before a removed node with one input to what came after it, so that a
 * chain stays whole.
 */
export function removeNodes(graph: Graph, ids: readonly NodeId[], heal = true): Graph {
  return ids.reduce((current, id) => removeNode(current, id, heal), graph);
}

function removeNode(graph: Graph, id: NodeId, heal: boolean): Graph {
  if (!(id in graph.nodes)) return graph;
  const { [id]: _removed, ...nodes } = graph.nodes;
  const into = graph.edges.filter(edge => edge.target === id);
  const edges = graph.edges.flatMap(edge => {
    if (edge.target === id) return [];
    if (edge.source !== id) return [edge];
    return heal && into.length === 1 ? [{ ...edge, source: into[0]!.source }] : [];
  });
  return { nodes, edges };
}

export function changeNode(graph: Graph, id: NodeId, change: Partial<GraphNode>): Graph {
  const node = graph.nodes[id];
  if (!node) return graph;
  return { ...graph, nodes: { ...graph.nodes, [id]: { ...node, ...change } } };
}

export function setParams(graph: Graph, id: NodeId, params: object): Graph {
  const node = graph.nodes[id];
  return node ? changeNode(graph, id, { params: { ...node.params, ...params } }) : graph;
}

export function moveNodes(graph: Graph, positions: Readonly<Record<NodeId, Position>>): Graph {
  return Object.entries(positions).reduce(
    (current, [id, at]) => changeNode(current, id, { x: at.x, y: at.y }),
    graph,
  );
}

/** Why an edge may not be drawn, in plain words; undefined where it may. */
export function refusesEdge(graph: Graph, { source, target, input }: Edge): string | undefined {
  const [from, to] = [graph.nodes[source], graph.nodes[target]];
  if (!from || !to) return 'One end of the edge is missing.';
  if (source === target) return 'A layer cannot feed itself.';
  const inputs = layerKind(to.kind)?.inputs ?? 'several';
  if (inputs !== 'several' && input >= inputs)
    return inputs === 0 ? `${to.kind} takes no input.` : `${to.kind} takes ${inputs} input.`;
  if (reaches(graph, target, source)) return 'That would close a cycle: data flows one way.';
  return undefined;
}

/**
 * Draws an edge; an input holds one edge, so a former one goes, except at a merge, which takes it as one more.
 * A refused edge changes nothing.
 */
export function connect(graph: Graph, wanted: Edge): Graph {
  if (refusesEdge(graph, wanted)) return graph;
  const merges = layerKind(graph.nodes[wanted.target]!.kind)?.inputs === 'several';
  const edge = merges ? atFreeInput(graph, wanted) : wanted;
  const others = graph.edges.filter(other => other.target !== edge.target || other.input !== edge.input);
  return { ...graph, edges: [...others, edge] };
}

/** The edge at the input that was asked for, or behind all others where that is taken. */
function atFreeInput(graph: Graph, edge: Edge): Edge {
  const taken = graph.edges.filter(({ target }) => target === edge.target).map(({ input }) => input);
  return taken.includes(edge.input) ? { ...edge, input: Math.max(...taken) + 1 } : edge;
}

export function disconnect(graph: Graph, { source, target, input }: Edge): Graph {
  const edges = graph.edges.filter(
    edge => edge.source !== source || edge.target !== target || edge.input !== input,
  );
  return { ...graph, edges };
}

/** Puts a node that is already in the graph between the two ends of an edge. */
export function splice(graph: Graph, edge: Edge, id: NodeId): Graph {
  const inputs = layerKind(graph.nodes[id]?.kind ?? '')?.inputs;
  if (inputs === 0 || edge.source === id || edge.target === id) return graph;
  const opened = disconnect(graph, edge);
  const entered = connect(opened, { source: edge.source, target: id, input: 0 });
  return connect(entered, { source: id, target: edge.target, input: edge.input });
}

/** Adds a node in the middle of an edge and moves what lies below it down by one place. */
export function insertOnEdge(
  graph: Graph,
  edge: Edge,
  kind: LayerKind,
  params: object = {},
): { graph: Graph; id: NodeId } {
  const [source, target] = [graph.nodes[edge.source]!, graph.nodes[edge.target]!];
  const node = newNode(graph, kind, { x: target.x, y: source.y + NODE_PITCH }, params);
  const added = addNode(makeRoom(graph, edge), node);
  return { graph: splice(added.graph, edge, added.id), id: added.id };
}

/** Moves everything downstream of an edge down, where its ends are too close for a node between them. */
export function makeRoom(graph: Graph, edge: Edge): Graph {
  const gap = graph.nodes[edge.target]!.y - graph.nodes[edge.source]!.y;
  const missing = 2 * NODE_PITCH - gap;
  if (missing <= 0) return graph;
  const below = Object.keys(graph.nodes).filter(id => reaches(graph, edge.target, id));
  return moveNodes(
    graph,
    Object.fromEntries(below.map(id => [id, { x: graph.nodes[id]!.x, y: graph.nodes[id]!.y + missing }])),
  );
}

/** Takes a repair that a diagnosis of this node offers. */
export function applyRepair(graph: Graph, id: NodeId, repair: Repair): Graph {
  if ('setParams' in repair) return setParams(graph, id, repair.setParams);
  const edge = graph.edges.find(other => other.target === id);
  const kind = layerKind(repair.insertBefore.kind);
  return edge && kind ? insertOnEdge(graph, edge, kind, repair.insertBefore.params).graph : graph;
}

/** Whether data flows from one node to another, or they are the same. */
export function reaches(graph: Graph, from: NodeId, to: NodeId): boolean {
  const seen = new Set<NodeId>([from]);
  for (const id of seen) {
    if (id === to) return true;
    for (const edge of graph.edges) if (edge.source === id) seen.add(edge.target);
  }
  return false;
}
