/**
 * All edits of a graph by gestures, as pure functions: the old graph stays unchanged, for undo, and unchanged parts are
 * shared, for incremental inference.
 */
import { initialValues } from '../layers/fields.ts';
import type { LayerKind } from '../layers/layer.ts';
import { layerKind } from '../layers/registry.ts';
import { type LayerSpec, type LayerSpecs, type RepairEdit, specsOf } from '../layers/repair.ts';
import { inputsOf, withoutUnusedBlocks } from './blocks.ts';
import type { Edge, Graph, GraphNode, NodeId } from './document.ts';
import { edgesInto, reachedFrom } from './wiring.ts';

export interface Position {
  readonly x: number;
  readonly y: number;
}

/** Vertical distance of two nodes of a chain, in canvas pixels. */
export const NODE_PITCH = 82;

/** An unused name: `conv1`, `conv2`, … */
export function freeName(graph: Pick<Graph, 'nodes'>, kind: string): string {
  return freeNameAmong(new Set(Object.values(graph.nodes).map(node => node.name)), kind);
}

export function freeNameAmong(taken: ReadonlySet<string>, kind: string): string {
  const stem = kind.toLowerCase().replace(/2d$/, '');
  for (let i = 1; ; i++) if (!taken.has(`${stem}${i}`)) return `${stem}${i}`;
}

/** An id that is not among these. */
export function freeId(taken: Readonly<Record<string, unknown>>): string {
  // Ids are random and not reused, so that two versions of a graph can be matched by id.
  for (;;) {
    const id = Math.random().toString(36).slice(2, 10);
    if (id && !(id in taken)) return id;
  }
}

/** A node of this kind with initial parameters, overridden by the given ones. */
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

/** Removes nodes. `heal`: connects the source of a removed node with one input to its consumers. */
export function removeNodes(graph: Graph, ids: readonly NodeId[], heal = true): Graph {
  const gone = new Set(ids.filter(id => Object.hasOwn(graph.nodes, id)));
  if (gone.size === 0) return graph;
  const kept = Object.entries(graph.nodes).filter(([id]) => !gone.has(id));
  const edges = heal ? withHealedEdges(graph.edges, gone) : graph.edges.filter(joinsOthers(gone));
  return withoutUnusedBlocks({ ...graph, nodes: Object.fromEntries(kept), edges });
}

const joinsOthers =
  (gone: ReadonlySet<NodeId>) =>
  ({ source, target }: Edge): boolean =>
    !gone.has(source) && !gone.has(target);

/** The remaining edges; those from a removed node of one input come from its source instead. */
function withHealedEdges(edges: readonly Edge[], gone: ReadonlySet<NodeId>): Edge[] {
  const into = Map.groupBy(edges, ({ target }) => target);
  const known = new Map<NodeId, NodeId | undefined>();
  const lasting = (from: NodeId): NodeId | undefined => {
    const passed: NodeId[] = [];
    let source: NodeId | undefined = from;
    while (source !== undefined && gone.has(source) && !known.has(source)) {
      passed.push(source);
      // Undefined until it is found, so that a removed cycle leads to no source.
      known.set(source, undefined);
      const entering: readonly Edge[] = into.get(source) ?? [];
      source = entering.length === 1 ? entering[0]!.source : undefined;
    }
    const found = source !== undefined && gone.has(source) ? known.get(source) : source;
    for (const id of passed) known.set(id, found);
    return found;
  };
  return edges.flatMap(edge => {
    if (gone.has(edge.target)) return [];
    if (!gone.has(edge.source)) return [edge];
    const source = lasting(edge.source);
    return source === undefined ? [] : [{ ...edge, source }];
  });
}

export function changeNode(graph: Graph, id: NodeId, change: Partial<GraphNode>): Graph {
  return changeNodes(graph, [[id, change]]);
}

/** Changes many nodes at once, copying the record of nodes once. Missing nodes are ignored. */
export function changeNodes(graph: Graph, changes: Iterable<readonly [NodeId, Partial<GraphNode>]>): Graph {
  const nodes = { ...graph.nodes };
  let isChanged = false;
  for (const [id, change] of changes) {
    if (!Object.hasOwn(nodes, id)) continue;
    nodes[id] = { ...nodes[id]!, ...change };
    isChanged = true;
  }
  return isChanged ? { ...graph, nodes } : graph;
}

export function setParams(graph: Graph, id: NodeId, params: object): Graph {
  const node = graph.nodes[id];
  return node ? changeNode(graph, id, { params: { ...node.params, ...params } }) : graph;
}

export function moveNodes(graph: Graph, positions: Readonly<Record<NodeId, Position>>): Graph {
  return changeNodes(
    graph,
    Object.entries(positions).map(([id, { x, y }]) => [id, { x, y }]),
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
  // A source without inputs cannot be on a cycle.
  if (graph.edges.some(edge => edge.target === source) && reaches(graph, target, source))
    return 'That would close a cycle: data flows one way.';
  return undefined;
}

/**
 * Adds an edge. An input holds one edge, so that the previous one is removed, unless there is a free input: a merge
 * always has one. A refused edge changes nothing.
 */
export function connect(graph: Graph, wanted: Edge): Graph {
  if (refusesEdge(graph, wanted)) return graph;
  const edge = atFreeInput(graph, wanted);
  const others = graph.edges.filter(other => other.target !== edge.target || other.input !== edge.input);
  return { ...graph, edges: [...others, edge] };
}

/** The edge at the input that was asked for, or at a free one if that is taken. */
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

/** Inserts a node of the graph between the ends of an edge. */
export function splice(graph: Graph, edge: Edge, id: NodeId): Graph {
  const node = graph.nodes[id];
  if (!node || inputsOf(graph, node) === 0 || edge.source === id || edge.target === id) return graph;
  const opened = disconnect(graph, edge);
  const entered = connect(opened, { source: edge.source, target: id, input: 0 });
  return connect(entered, { source: id, target: edge.target, input: edge.input });
}

/** Adds a node in the middle of an edge and moves the nodes below down. */
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
  return makeRoomIn(graph, [edge]);
}

/** Makes room in edges from one node; everything behind them moves down together. */
function makeRoomIn(graph: Graph, edges: readonly Edge[]): Graph {
  const missingIn = ({ source, target }: Edge) =>
    2 * NODE_PITCH - (graph.nodes[target]!.y - graph.nodes[source]!.y);
  const close = edges.filter(edge => missingIn(edge) > 0);
  if (close.length === 0) return graph;
  const missing = close.reduce((most, edge) => Math.max(most, missingIn(edge)), 0);
  const below = reachedFrom(
    graph,
    close.map(({ target }) => target),
    'down',
  );
  return changeNodes(
    graph,
    [...below].flatMap(id => (graph.nodes[id] ? [[id, { y: graph.nodes[id].y + missing }]] : [])),
  );
}

/** Inserts layers before one of a node's inputs; `place` is the input's index. */
function insertBefore(graph: Graph, id: NodeId, layers: LayerSpecs, place: number): Graph {
  return specsOf(layers).reduce((current, { kind: name, params }) => {
    const into = current.edges.filter(({ target }) => target === id).toSorted((a, b) => a.input - b.input);
    const [edge, kind] = [into[place], layerKind(name)];
    return edge && kind ? insertOnEdge(current, edge, kind, params).graph : current;
  }, graph);
}

/** Inserts layers between a node and all its consumers. */
export function insertAfter(graph: Graph, id: NodeId, layers: LayerSpecs): Graph {
  let [current, source] = [graph, id];
  for (const { kind: name, params } of specsOf(layers)) {
    const [kind, above] = [layerKind(name), current.nodes[source]];
    if (!kind || !above) return current;
    const leaving = current.edges.filter(edge => edge.source === source);
    const roomy = makeRoomIn(current, leaving);
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

/** Changes a node's kind. It keeps name, edges, and the parameters that both kinds have. */
export function replaceKind(graph: Graph, id: NodeId, { kind: name, params }: LayerSpec): Graph {
  const [kind, node] = [layerKind(name), graph.nodes[id]];
  if (!kind || !node) return graph;
  const shared = Object.entries(node.params).filter(([key]) => key in kind.fields);
  const values = { ...initialValues(kind.fields), ...Object.fromEntries(shared), ...params };
  return changeNode(graph, id, { kind: name, params: values as GraphNode['params'] });
}

/** A new layer below its sources, connected to all of them. */
function join(graph: Graph, { kind: name, params }: LayerSpec, sources: readonly NodeId[]): Graph {
  const kind = layerKind(name);
  const above = sources.flatMap(id => graph.nodes[id] ?? []);
  if (!kind || above.length === 0) return graph;
  const y = above.reduce((lowest, node) => Math.max(lowest, node.y), Number.NEGATIVE_INFINITY) + NODE_PITCH;
  const added = addNode(graph, newNode(graph, kind, { x: above[0]!.x, y }, params));
  const free = kind.inputs === 'several' ? sources : sources.slice(0, kind.inputs);
  const edges = free.flatMap((source, input): Edge[] =>
    graph.nodes[source] ? [{ source, target: added.id, input }] : [],
  );
  return { ...added.graph, edges: [...graph.edges, ...edges] };
}

/** A new layer above the nodes that it feeds. */
function addAbove(graph: Graph, { kind: name, params }: LayerSpec, feeds: readonly NodeId[]): Graph {
  const kind = layerKind(name);
  if (!kind) return graph;
  const below = feeds.flatMap(id => graph.nodes[id] ?? []);
  const at = below[0] ? { x: below[0].x, y: below[0].y - NODE_PITCH } : { x: 0, y: 0 };
  const added = addNode(graph, newNode(graph, kind, at, params));
  const into = edgesInto(graph.edges);
  const wanted = feeds.map((id): Edge => {
    const entering = into.get(id) ?? [];
    const input = entering[0]?.input === 0 ? entering.at(-1)!.input + 1 : 0;
    return { source: added.id, target: id, input };
  });
  const edges = wanted.filter(edge => !refusesEdge(added.graph, edge));
  return { ...added.graph, edges: [...graph.edges, ...edges] };
}

/**
 * Applies a repair's edits in one drawing; `concerned` is the node for edits that name none. Consecutive edits of one
 * form are applied together, so that a repair of a thousand layers copies the drawing once.
 */
export function applyEdits(graph: Graph, concerned: NodeId | null, edits: readonly RepairEdit[]): Graph {
  return runsOf(edits).reduce((current, run) => applyRun(current, concerned, run), graph);
}

/** Splits edits into runs of one form. */
export function runsOf(edits: readonly RepairEdit[]): RepairEdit[][] {
  const runs: RepairEdit[][] = [];
  for (const edit of edits) {
    const last = runs.at(-1);
    if (last && formOf(last[0]!) === formOf(edit)) last.push(edit);
    else runs.push([edit]);
  }
  return runs;
}

const REPAIR_EDIT_FORMS = ['remove', 'disconnect', 'setParams', 'replaceWith'] as const;

/** The form by which edits can be applied together; all others stay single. */
const formOf = (edit: RepairEdit): unknown => REPAIR_EDIT_FORMS.find(form => form in edit) ?? edit;

function applyRun(graph: Graph, concerned: NodeId | null, run: readonly RepairEdit[]): Graph {
  const named = run.flatMap(edit => ('node' in edit ? edit.node : undefined) ?? concerned ?? []);
  const [first] = run;
  if (run.length === 1) return applyEdit(graph, concerned, first!);
  if ('remove' in first!) return removeNodes(graph, named);
  if ('disconnect' in first!) {
    const wires = run.flatMap(edit => ('disconnect' in edit ? wireKey(edit.disconnect) : []));
    const cut = new Set(wires);
    return { ...graph, edges: graph.edges.filter(edge => !cut.has(wireKey(edge))) };
  }
  const nodes = { ...graph.nodes };
  for (const [i, edit] of run.entries()) {
    const id = named[i]!;
    // Each edit sees the result of those before it on the same node.
    const one = { nodes: Object.hasOwn(nodes, id) ? { [id]: nodes[id]! } : {}, edges: [] };
    Object.assign(nodes, applyEdit(one, id, edit).nodes);
  }
  return { ...graph, nodes };
}

const wireKey = ({ source, target, input }: Edge): string => `${source}\n${target}\n${input}`;

function applyEdit(graph: Graph, concerned: NodeId | null, edit: RepairEdit): Graph {
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

/** Whether there is a path from one node to another; true for the same node. */
export function reaches(graph: Graph, from: NodeId, to: NodeId): boolean {
  return reachedFrom(graph, [from], 'down').has(to);
}
