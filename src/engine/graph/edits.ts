/**
 * Every change that a gesture makes to a graph, as a pure function: the old graph stays as it is, so that undo
 * is to keep it, and what did not change is shared, so that inference sees what did.
 */
import { initialValues } from '../layers/fields.ts';
import type { LayerKind } from '../layers/layer.ts';
import { layerKind } from '../layers/registry.ts';
import { type LayerSpec, type LayerSpecs, type RepairEdit, specsOf } from '../layers/repair.ts';
import { inputsOf, withoutUnusedBlocks } from './blocks.ts';
import type { Edge, Graph, GraphNode, NodeId } from './document.ts';

export interface Position {
  readonly x: number;
  readonly y: number;
}

/** Distance between two nodes of a chain, top to top, in canvas pixels. */
export const NODE_PITCH = 82;

/** A name that no node has yet: `conv1`, `conv2`, … */
export function freeName(graph: Pick<Graph, 'nodes'>, kind: string): string {
  return freeNameAmong(new Set(Object.values(graph.nodes).map(node => node.name)), kind);
}

export function freeNameAmong(taken: ReadonlySet<string>, kind: string): string {
  const stem = kind.toLowerCase().replace(/2d$/, '');
  for (let i = 1; ; i++) if (!taken.has(`${stem}${i}`)) return `${stem}${i}`;
}

/** An id that nothing among these has. */
export function freeId(taken: Readonly<Record<string, unknown>>): string {
  // Ids never return to a deleted node's, so that two versions of a graph can be matched by identity.
  for (;;) {
    const id = Math.random().toString(36).slice(2, 10);
    if (id && !(id in taken)) return id;
  }
}

/** A node of this kind with initial parameters, those given replaced. */
export function newNode(graph: Graph, kind: LayerKind, at: Position, params: object = {}): GraphNode {
  const values = { ...initialValues(kind.fields), ...params } as GraphNode['params'];
  return { kind: kind.kind, name: freeName(graph, kind.kind), params: values, x: at.x, y: at.y };
}

export function addNode(
  graph: Graph,
  node: GraphNode,
  id = freeId(graph.nodes),
): { graph: Graph; id: NodeId } {
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
  return withoutUnusedBlocks({ ...graph, nodes, edges });
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
  const inputs = inputsOf(graph, to);
  if (inputs !== 'several' && input >= inputs)
    return inputs === 0
      ? `${to.kind} takes no input.`
      : `${to.kind} takes ${inputs} input${inputs === 1 ? '' : 's'}.`;
  if (reaches(graph, target, source)) return 'That would close a cycle: data flows one way.';
  return undefined;
}

/**
 * Draws an edge; an input holds one edge, so a former one goes, except where there is a free input beside it: a merge
 * always has one.
 * A refused edge changes nothing.
 */
export function connect(graph: Graph, wanted: Edge): Graph {
  if (refusesEdge(graph, wanted)) return graph;
  const edge = atFreeInput(graph, wanted);
  const others = graph.edges.filter(other => other.target !== edge.target || other.input !== edge.input);
  return { ...graph, edges: [...others, edge] };
}

/** The edge at the input that was asked for, or at one that is free where that is taken. */
function atFreeInput(graph: Graph, edge: Edge): Edge {
  const inputs = inputsOf(graph, graph.nodes[edge.target]!);
  const taken = new Set(graph.edges.filter(({ target }) => target === edge.target).map(({ input }) => input));
  if (!taken.has(edge.input)) return edge;
  if (inputs === 'several') return { ...edge, input: Math.max(...taken) + 1 };
  const free = Array.from({ length: inputs }, (_, i) => i).find(i => !taken.has(i));
  return free === undefined ? edge : { ...edge, input: free };
}

export function disconnect(graph: Graph, { source, target, input }: Edge): Graph {
  const edges = graph.edges.filter(
    edge => edge.source !== source || edge.target !== target || edge.input !== input,
  );
  return { ...graph, edges };
}

/** Puts a node that is already in the graph between the two ends of an edge. */
export function splice(graph: Graph, edge: Edge, id: NodeId): Graph {
  const node = graph.nodes[id];
  if (!node || inputsOf(graph, node) === 0 || edge.source === id || edge.target === id) return graph;
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

/** Puts layers between what flows into one of a node's inputs and the node; `place` counts its inputs in order. */
function insertBefore(graph: Graph, id: NodeId, layers: LayerSpecs, place: number): Graph {
  return specsOf(layers).reduce((current, { kind: name, params }) => {
    const into = current.edges.filter(({ target }) => target === id).toSorted((a, b) => a.input - b.input);
    const [edge, kind] = [into[place], layerKind(name)];
    return edge && kind ? insertOnEdge(current, edge, kind, params).graph : current;
  }, graph);
}

/** Puts layers between a node and all that it feeds. */
export function insertAfter(graph: Graph, id: NodeId, layers: LayerSpecs): Graph {
  let [current, source] = [graph, id];
  for (const { kind: name, params } of specsOf(layers)) {
    const [kind, above] = [layerKind(name), current.nodes[source]];
    if (!kind || !above) return current;
    const leaving = current.edges.filter(edge => edge.source === source);
    const roomy = leaving.reduce(makeRoom, current);
    const added = addNode(roomy, newNode(roomy, kind, { x: above.x, y: above.y + NODE_PITCH }, params));
    const edges = added.graph.edges.map(edge =>
      edge.source === source ? { ...edge, source: added.id } : edge,
    );
    const entering = { source, target: added.id, input: 0 };
    [current, source] = [{ ...added.graph, edges: [...edges, entering] }, added.id];
  }
  return current;
}

function unsetParams(graph: Graph, id: NodeId, names: readonly string[]): Graph {
  const kept = Object.entries(graph.nodes[id]?.params ?? {}).filter(([name]) => !names.includes(name));
  return changeNode(graph, id, { params: Object.fromEntries(kept) });
}

/** Another kind in a node's place. It keeps its name and edges, and of its parameters those that both know. */
export function replaceKind(graph: Graph, id: NodeId, { kind: name, params }: LayerSpec): Graph {
  const [kind, node] = [layerKind(name), graph.nodes[id]];
  if (!kind || !node) return graph;
  const shared = Object.entries(node.params).filter(([key]) => key in kind.fields);
  const values = { ...initialValues(kind.fields), ...Object.fromEntries(shared), ...params };
  return changeNode(graph, id, { kind: name, params: values as GraphNode['params'] });
}

/** A new layer below its sources, which all flow into it. */
function join(graph: Graph, { kind: name, params }: LayerSpec, sources: readonly NodeId[]): Graph {
  const kind = layerKind(name);
  const above = sources.flatMap(id => graph.nodes[id] ?? []);
  if (!kind || above.length === 0) return graph;
  const y = Math.max(...above.map(node => node.y)) + NODE_PITCH;
  const added = addNode(graph, newNode(graph, kind, { x: above[0]!.x, y }, params));
  return sources.reduce(
    (current, source, input) => connect(current, { source, target: added.id, input }),
    added.graph,
  );
}

/** A new layer above the nodes that it feeds. */
function addAbove(graph: Graph, { kind: name, params }: LayerSpec, feeds: readonly NodeId[]): Graph {
  const kind = layerKind(name);
  if (!kind) return graph;
  const below = feeds.flatMap(id => graph.nodes[id] ?? []);
  const at = below[0] ? { x: below[0].x, y: below[0].y - NODE_PITCH } : { x: 0, y: 0 };
  const added = addNode(graph, newNode(graph, kind, at, params));
  return feeds.reduce((current, id) => {
    const taken = current.edges.filter(({ target }) => target === id).map(({ input }) => input);
    const input = taken.includes(0) ? Math.max(...taken) + 1 : 0;
    return connect(current, { source: added.id, target: id, input });
  }, added.graph);
}

/** Makes one edit of a repair in one drawing; `concerned` is the node that it means where it names none. */
export function applyEdit(graph: Graph, concerned: NodeId | null, edit: RepairEdit): Graph {
  if ('connect' in edit) return connect(graph, edit.connect);
  if ('disconnect' in edit) return disconnect(graph, edit.disconnect);
  if ('join' in edit) return join(graph, edit.join, edit.sources);
  if ('add' in edit) return addAbove(graph, edit.add, edit.feeds);
  const id = edit.node ?? concerned;
  if (id === null || !graph.nodes[id]) return graph;
  if ('setParams' in edit) return setParams(graph, id, edit.setParams);
  if ('unsetParams' in edit) return unsetParams(graph, id, edit.unsetParams);
  if ('insertBefore' in edit) return insertBefore(graph, id, edit.insertBefore, edit.input ?? 0);
  if ('insertAfter' in edit) return insertAfter(graph, id, edit.insertAfter);
  if ('replaceWith' in edit) return replaceKind(graph, id, edit.replaceWith);
  if ('rename' in edit) return changeNode(graph, id, { name: edit.rename });
  return removeNodes(graph, [id]);
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
