/**
 * Edits of blocks, as pure functions like those in edits.ts: make a block of a selection, dissolve one, expose a
 * parameter, unlink a copy.
 */

import {
  BLOCK_INPUT,
  BLOCK_KIND,
  blockIdOf,
  blockOf,
  entriesOf,
  fieldsOf,
  newCopyParams,
  overridesFor,
  RESERVED_PARAMS,
  repeatOf,
  sinksOf,
  withoutUnusedBlocks,
} from './blocks.ts';
import { DOCUMENT_BUDGET } from './budget.ts';
import type { Block, BlockId, Drawing, Edge, Exposed, Graph, GraphNode, NodeId } from './document.ts';
import {
  addNode,
  changeNode,
  connect,
  freeId,
  freeName,
  freeNameAmong,
  NODE_PITCH,
  type Position,
} from './edits.ts';
import { FreeNames } from './freeNames.ts';
import { listNames } from './listNames.ts';
import { reachedFrom } from './wiring.ts';

/** Distance of two inputs of a new block, in canvas pixels. */
const INPUT_SPACING = 252;

export type Made = { readonly graph: Graph; readonly id: NodeId } | { readonly refusal: string };

/** Why nodes cannot become a block, in plain words; undefined where they can. */
export function refusesBlock(graph: Graph, ids: readonly NodeId[]): string | undefined {
  const chosen = new Set(ids.filter(id => id in graph.nodes));
  if (chosen.size === 0) return 'Select the layers that are to become a block.';
  const exits = exitsOf(graph, chosen);
  if (exits.length !== 1) {
    const names = listNames(exits.map(id => graph.nodes[id]!.name));
    return exits.length === 0
      ? 'The selected layers are on a cycle: a block ends in one place.'
      : `A block ends in one place; the selected layers end in ${exits.length} (${names}).`;
  }
  // No path may leave the selection and come back to it, or the block would feed itself.
  const leaving = graph.edges.flatMap(({ source, target }) =>
    chosen.has(source) && !chosen.has(target) ? [target] : [],
  );
  const outside = graph.edges.filter(({ source }) => !chosen.has(source));
  const back = [...reachedFrom({ edges: outside }, leaving, 'down')].find(id => chosen.has(id));
  if (back !== undefined) {
    return `Data leaves the selection and comes back at ${graph.nodes[back]!.name}: select what lies between, too.`;
  }
  return undefined;
}

/** Selected nodes whose output is used outside, or not at all. */
function exitsOf({ nodes, edges }: Drawing, chosen: ReadonlySet<NodeId>): NodeId[] {
  const from = Map.groupBy(edges, ({ source }) => source);
  return Object.keys(nodes).filter(id => {
    if (!chosen.has(id)) return false;
    const leaving = from.get(id) ?? [];
    return leaving.length === 0 || leaving.some(({ target }) => !chosen.has(target));
  });
}

/** Moves nodes into a new block and puts a copy of it in their place. */
export function makeBlock(graph: Graph, ids: readonly NodeId[], name?: string): Made {
  const refusal = refusesBlock(graph, ids);
  if (refusal) return { refusal };
  const chosen = new Set(ids.filter(id => id in graph.nodes));
  const [exit] = exitsOf(graph, chosen) as [NodeId];
  const into = graph.edges.filter(({ source, target }) => !chosen.has(source) && chosen.has(target));
  const sources = [...new Set(into.toSorted(byPlace(graph)).map(({ source }) => source))];
  const [blockId, id] = [freeId(graph.blocks ?? {}), freeId(graph.nodes)];
  const block: Block = {
    name: name ?? freeBlockName(graph),
    graph: innerDrawing(graph, chosen, sources),
    exposed: [],
  };
  const copy: GraphNode = {
    kind: BLOCK_KIND,
    name: freeNameAmong(namesOutside(graph, chosen), BLOCK_KIND),
    params: newCopyParams(blockId),
    ...placeOf(graph, chosen),
  };
  const edges = graph.edges.flatMap((edge): Edge[] => {
    if (chosen.has(edge.target)) return [];
    return [edge.source === exit ? { ...edge, source: id } : edge];
  });
  const entering = sources.map((source, input) => ({ source, target: id, input }));
  const kept = Object.entries(graph.nodes).filter(([other]) => !chosen.has(other));
  return {
    graph: {
      ...graph,
      nodes: { ...Object.fromEntries(kept), [id]: copy },
      edges: [...edges, ...entering],
      blocks: { ...graph.blocks, [blockId]: block },
    },
    id,
  };
}

/** The block's drawing: the nodes in their layout, with BlockInputs above. */
function innerDrawing(graph: Graph, chosen: ReadonlySet<NodeId>, sources: readonly NodeId[]): Drawing {
  const { x: left, y: top } = placeOf(graph, chosen);
  const nodes: Record<NodeId, GraphNode> = {};
  for (const index of sources.keys()) {
    const at = { x: index * INPUT_SPACING, y: 0 };
    nodes[entryId(index, chosen)] = { kind: BLOCK_INPUT, name: `in${index + 1}`, params: { index }, ...at };
  }
  for (const id of chosen) {
    const node = graph.nodes[id]!;
    nodes[id] = { ...node, x: node.x - left, y: node.y - top + NODE_PITCH };
  }
  const entries = new Map(sources.map((source, index) => [source, entryId(index, chosen)]));
  const edges = graph.edges.flatMap((edge): Edge[] => {
    if (!chosen.has(edge.target)) return [];
    const entry = entries.get(edge.source);
    return [entry === undefined ? edge : { ...edge, source: entry }];
  });
  return { nodes, edges };
}

function entryId(index: number, taken: ReadonlySet<NodeId>): NodeId {
  let id = `in${index + 1}`;
  while (taken.has(id)) id += '_';
  return id;
}

/** The upper left corner of nodes. */
function placeOf({ nodes }: Drawing, ids: ReadonlySet<NodeId>): Position {
  const chosen = [...ids].map(id => nodes[id]!);
  return { x: Math.min(...chosen.map(({ x }) => x)), y: Math.min(...chosen.map(({ y }) => y)) };
}

/** Edges from left to right by their targets and inputs, so that a block's inputs have the visible order. */
function byPlace({ nodes }: Drawing) {
  return (a: Edge, b: Edge) => {
    const [to, other] = [nodes[a.target]!, nodes[b.target]!];
    return to.y - other.y || a.input - b.input || to.x - other.x;
  };
}

function namesOutside({ nodes }: Drawing, chosen: ReadonlySet<NodeId>): Set<string> {
  return new Set(Object.entries(nodes).flatMap(([id, { name }]) => (chosen.has(id) ? [] : [name])));
}

/** `Block 1`, `Block 2`, … */
function freeBlockName({ blocks = {} }: Graph): string {
  const taken = new Set(Object.values(blocks).map(({ name }) => name));
  for (let i = 1; ; i++) if (!taken.has(`Block ${i}`)) return `Block ${i}`;
}

/** Why a copy cannot be dissolved; undefined where it can. */
export function refusesDissolving(graph: Graph, id: NodeId): string | undefined {
  const copy = graph.nodes[id];
  const block = copy && blockOf(graph, copy);
  if (!copy || !block) return undefined;
  const times = repeatOf(copy);
  const layers = Object.keys(block.graph.nodes).length - entriesOf(block.graph).length;
  const nodes = Object.keys(graph.nodes).length - 1 + times * layers;
  const edges = graph.edges.length + times * block.graph.edges.length;
  if (nodes <= DOCUMENT_BUDGET.nodes && edges <= DOCUMENT_BUDGET.edges) return undefined;
  return `${copy.name} stands for more layers than a project can draw (${DOCUMENT_BUDGET.nodes}): repeat it less often first.`;
}

/** A drawing in which a copy is being replaced by its layers. */
interface DissolvingDrawing {
  readonly nodes: Record<NodeId, GraphNode>;
  readonly edges: Edge[];
  readonly names: FreeNames;
}

/** Replaces a copy by its layers, each repetition below the one before. */
export function dissolveBlock(graph: Graph, id: NodeId): Graph {
  const copy = graph.nodes[id];
  const block = copy && blockOf(graph, copy);
  if (!copy || !block || refusesDissolving(graph, id)) return graph;
  const sources = new Map(
    graph.edges.filter(({ target }) => target === id).map(({ input, source }) => [input, source]),
  );
  const { [id]: _, ...others } = graph.nodes;
  const kept = graph.edges.filter(({ source, target }) => source !== id && target !== id);
  const laying: DissolvingDrawing = {
    nodes: { ...others },
    edges: [...kept],
    names: new FreeNames({ nodes: others }),
  };
  const height = heightOf(block.graph);
  let before = sources.get(0);
  for (let turn = 0; turn < repeatOf(copy); turn++) {
    const entering = (input: number) => (input === 0 ? before : sources.get(input));
    before = dissolveRepetition(laying, copy, block, { x: copy.x, y: copy.y + turn * height }, entering);
  }
  const leaving = graph.edges.filter(({ source, target }) => source === id && target !== id);
  if (before !== undefined) for (const edge of leaving) laying.edges.push({ ...edge, source: before });
  const { nodes, edges } = laying;
  return withoutUnusedBlocks({ ...graph, nodes, edges });
}

/** Adds the layers of one repetition, connected to its sources. @returns its output */
function dissolveRepetition(
  laying: DissolvingDrawing,
  copy: GraphNode,
  block: Block,
  at: Position,
  entering: (input: number) => NodeId | undefined,
): NodeId | undefined {
  const placed = new Map<NodeId, NodeId | undefined>(
    entriesOf(block.graph).map((id, input) => [id, entering(input)]),
  );
  for (const [inner, node] of Object.entries(block.graph.nodes)) {
    if (placed.has(inner)) continue;
    const id = freeId(laying.nodes);
    laying.nodes[id] = {
      ...node,
      ...(copy.frozen && { frozen: copy.frozen }),
      name: laying.names.like(node.name),
      params: { ...node.params, ...overridesFor(block, copy, inner) },
      x: at.x + node.x,
      y: at.y + node.y - NODE_PITCH,
    };
    placed.set(inner, id);
  }
  for (const { source, target, input } of block.graph.edges) {
    const [from, to] = [placed.get(source), placed.get(target)];
    if (from !== undefined && to !== undefined) laying.edges.push({ source: from, target: to, input });
  }
  const [sink] = sinksOf(block.graph);
  return sink === undefined ? undefined : placed.get(sink);
}

function heightOf({ nodes }: Drawing): number {
  const ys = Object.values(nodes).map(({ y }) => y);
  return Math.max(...ys) - Math.min(...ys) + (ys.length > 1 ? 0 : NODE_PITCH);
}

/** Changes a block; with it, all its copies. */
export function changeBlock(graph: Graph, id: BlockId, change: Partial<Block>): Graph {
  const block = graph.blocks?.[id];
  return block ? { ...graph, blocks: { ...graph.blocks, [id]: { ...block, ...change } } } : graph;
}

/** Why a parameter cannot be exposed under a name; undefined where it can. */
export function refusesExposure(
  graph: Graph,
  { graph: { nodes }, exposed }: Block,
  target: Exposed['targets'][number],
  name: string,
): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) return 'A letter first, then letters, digits and _.';
  if (RESERVED_PARAMS.includes(name)) return `Every copy has a parameter ${name} already.`;
  const fieldOf = ({ node, param }: Exposed['targets'][number]) =>
    nodes[node] && fieldsOf(graph, nodes[node])[param];
  const field = fieldOf(target);
  if (!field) return 'There is no such parameter.';
  const [joined] = exposed.find(each => each.name === name)?.targets ?? [];
  const other = joined && fieldOf(joined);
  if (other && other.widget !== field.widget)
    return `${name} sets ${other.label.toLowerCase()}, which is another kind of value.`;
  return undefined;
}

/**
 * Exposes a parameter of a node in a block, so that copies can set it. If the name is exposed already, the parameter
 * joins it, and both are set together. A refused exposure changes nothing.
 */
export function exposeParam(
  graph: Graph,
  id: BlockId,
  target: Exposed['targets'][number],
  name: string,
): Graph {
  const block = graph.blocks?.[id];
  if (!block || refusesExposure(graph, block, target, name)) return graph;
  const others = withoutTarget(block.exposed, target);
  const joined = others.find(each => each.name === name);
  const exposed = joined
    ? others.map(each => (each === joined ? { ...each, targets: [...each.targets, target] } : each))
    : [...others, { name, targets: [target] }];
  return changeBlock(graph, id, { exposed });
}

/** Removes an exposure: copies have the block's own value again. */
export function hideParam(graph: Graph, id: BlockId, target: Exposed['targets'][number]): Graph {
  const block = graph.blocks?.[id];
  if (!block) return graph;
  const exposed = withoutTarget(block.exposed, target);
  const kept = new Set(exposed.map(({ name }) => name));
  const gone = block.exposed.flatMap(({ name }) => (kept.has(name) ? [] : [name]));
  return withoutParams(changeBlock(graph, id, { exposed }), id, gone);
}

function withoutTarget(exposed: readonly Exposed[], { node, param }: Exposed['targets'][number]): Exposed[] {
  return exposed.flatMap(each => {
    const targets = each.targets.filter(other => other.node !== node || other.param !== param);
    return targets.length === 0 ? [] : [targets.length === each.targets.length ? each : { ...each, targets }];
  });
}

/** Removes parameters from all copies of a block, in all drawings. */
function withoutParams(graph: Graph, id: BlockId, names: readonly string[]): Graph {
  if (names.length === 0) return graph;
  const clean = (drawing: Drawing): Drawing => {
    const nodes = Object.entries(drawing.nodes).map(([node, drawn]): [NodeId, GraphNode] => {
      if (drawn.kind !== BLOCK_KIND || blockIdOf(drawn) !== id) return [node, drawn];
      const params = Object.entries(drawn.params).filter(([name]) => !names.includes(name));
      return [node, { ...drawn, params: Object.fromEntries(params) }];
    });
    return { ...drawing, nodes: Object.fromEntries(nodes) };
  };
  const blocks = Object.entries(graph.blocks ?? {}).map(([other, block]): [BlockId, Block] => [
    other,
    { ...block, graph: clean(block.graph) },
  ]);
  return { ...graph, ...clean(graph), blocks: Object.fromEntries(blocks) };
}

/** Gives a copy a block of its own, which can be changed independently. */
export function unlinkCopy(graph: Graph, id: NodeId): Graph {
  const copy = graph.nodes[id];
  const block = copy && blockOf(graph, copy);
  if (!copy || !block) return graph;
  const blockId = freeId(graph.blocks ?? {});
  const taken = new Set(Object.values(graph.blocks ?? {}).map(({ name }) => name));
  let name = `${block.name} copy`.slice(0, 64);
  for (let i = 2; taken.has(name); i++) name = `${block.name.slice(0, 56)} copy ${i}`;
  const linked = changeNode(graph, id, { params: { ...copy.params, block: blockId } });
  return withoutUnusedBlocks({ ...linked, blocks: { ...linked.blocks, [blockId]: { ...block, name } } });
}

/** How many copies of a block are drawn, in the network and in blocks. */
export function copiesOf(graph: Graph, id: BlockId): number {
  const drawings: readonly Drawing[] = [
    graph,
    ...Object.values(graph.blocks ?? {}).map(block => block.graph),
  ];
  return drawings
    .flatMap(({ nodes }) => Object.values(nodes))
    .filter(node => node.kind === BLOCK_KIND && blockIdOf(node) === id).length;
}

/** Adds an input to a block. */
export function addEntry(graph: Graph, at: Position): { graph: Graph; id: NodeId } {
  const indices = Object.values(graph.nodes).flatMap(node =>
    node.kind === BLOCK_INPUT ? [Number(node.params.index ?? 0)] : [],
  );
  const index = indices.length === 0 ? 0 : Math.max(...indices) + 1;
  const node = {
    kind: BLOCK_INPUT,
    name: new FreeNames(graph).like(`in${index + 1}`),
    params: { index },
    ...at,
  };
  return addNode(graph, node);
}

/** Adds a copy of a block of this project, or of a pasted block. */
export function addCopy(
  graph: Graph,
  id: BlockId,
  at: Position,
  from?: NodeId,
  brought: Graph['blocks'] = {},
): { graph: Graph; id: NodeId } {
  const blocks = { ...brought, ...graph.blocks };
  const node: GraphNode = {
    kind: BLOCK_KIND,
    name: freeName(graph, BLOCK_KIND),
    params: newCopyParams(id),
    ...at,
  };
  const added = addNode({ ...graph, blocks }, node);
  if (from === undefined) return added;
  return { ...added, graph: connect(added.graph, { source: from, target: added.id, input: 0 }) };
}
