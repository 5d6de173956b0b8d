/**
 * Blocks as data: the block that a node of kind `Block` is a copy of, its parameters, its inputs. No shapes are
 * computed here; expand.ts expands blocks, blockEdits.ts edits them.
 */
import { type Field, type Fields, initialValues, integer } from '../layers/fields.ts';
import { layerKind } from '../layers/registry.ts';
import type { Block, BlockId, Drawing, Edge, Exposed, Graph, GraphNode, NodeId } from './document.ts';

/** The kind of a node that is a copy of a block, which its parameter `block` names. */
export const BLOCK_KIND = 'Block';
/** The kind of a block's input inside its drawing; its parameter `index` is the number of the input. */
export const BLOCK_INPUT = 'BlockInput';

/** The largest repeat count. */
const MAX_REPEATS = 1000;

/** Parameters that every copy has; exposed ones may not have these names. */
export const RESERVED_PARAMS: readonly string[] = ['block', 'repeat'];

export const isBlock = ({ kind }: Pick<GraphNode, 'kind'>): boolean => kind === BLOCK_KIND;
export const isBlockInput = ({ kind }: Pick<GraphNode, 'kind'>): boolean => kind === BLOCK_INPUT;

export function blockIdOf({ params }: GraphNode): BlockId {
  return typeof params.block === 'string' ? params.block : '';
}

/** The block that a node is a copy of; undefined where it is none, or its block is not there. */
export function blockOf({ blocks }: Pick<Graph, 'blocks'>, node: GraphNode): Block | undefined {
  const id = blockIdOf(node);
  return isBlock(node) && blocks && Object.hasOwn(blocks, id) ? blocks[id] : undefined;
}

/** The number of the block's input that this BlockInput stands for. */
export function inputIndex({ params }: GraphNode): number {
  return typeof params.index === 'number' ? params.index : 0;
}

/** Caches a result by object, for immutable objects such as drawings. */
function memoised<K extends object, T>(find: (of: K) => T): (of: K) => T {
  const known = new WeakMap<K, { readonly value: T }>();
  return of => {
    const found = known.get(of) ?? { value: find(of) };
    known.set(of, found);
    return found.value;
  };
}

const entriesAmong = memoised((nodes: Drawing['nodes']): readonly NodeId[] =>
  Object.keys(nodes)
    .filter(id => isBlockInput(nodes[id]!))
    .toSorted((a, b) => inputIndex(nodes[a]!) - inputIndex(nodes[b]!)),
);

/** The BlockInputs of a drawing, in the order of the block's inputs. */
export function entriesOf({ nodes }: Drawing): readonly NodeId[] {
  return entriesAmong(nodes);
}

/** How many inputs a node has, by its kind or block; several for unknown ones. */
export function inputsOf(graph: Pick<Graph, 'blocks'>, node: GraphNode): number | 'several' {
  if (isBlockInput(node)) return 0;
  const block = blockOf(graph, node);
  return block ? entriesOf(block.graph).length : (layerKind(node.kind)?.inputs ?? 'several');
}

/** The connections of a drawing's nodes. */
export interface Wiring {
  /** Edges by `target input`; of several into one input the last. */
  readonly into: ReadonlyMap<string, Edge>;
  readonly byTarget: ReadonlyMap<NodeId, readonly Edge[]>;
  /** The input number of each BlockInput. */
  readonly ranks: ReadonlyMap<NodeId, number>;
  /** Nodes whose output is not used. */
  readonly sinks: readonly NodeId[];
}

export const jointsOf = memoised((drawing: Drawing): Wiring => {
  const { nodes, edges } = drawing;
  const feeding = new Set(edges.map(({ source }) => source));
  return {
    into: new Map(edges.map(edge => [`${edge.target} ${edge.input}`, edge])),
    byTarget: Map.groupBy(edges, ({ target }) => target),
    ranks: new Map(entriesOf(drawing).map((id, rank) => [id, rank])),
    sinks: Object.keys(nodes).filter(id => !feeding.has(id)),
  };
});

/** Nodes of a drawing whose output is not used. */
export function sinksOf(drawing: Drawing): readonly NodeId[] {
  return jointsOf(drawing).sinks;
}

const repeat = integer({
  label: 'Repeat',
  help: 'How many copies stand one after the other, each with weights of its own.',
  initial: 1,
  min: 1,
  max: MAX_REPEATS,
});

/** The repeat count of a copy; 1 if it is missing or invalid. */
export function repeatOf({ params }: GraphNode): number {
  const { repeat: times = 1 } = params;
  return typeof times === 'number' && times >= 1 && times <= MAX_REPEATS ? Math.floor(times) : 1;
}

type Blocks = NonNullable<Graph['blocks']>;

/** Fields of each block, cached per state of all blocks. */
const fieldsIn = memoised((_blocks: Blocks) => new Map<Block, Fields>());

/** A node's parameters: its kind's fields, or for a copy the repeat count and the exposed parameters. */
export function fieldsOf(graph: Pick<Graph, 'blocks'>, node: GraphNode): Fields {
  const block = blockOf(graph, node);
  if (!block) return isBlock(node) ? {} : (layerKind(node.kind)?.fields ?? {});
  const known = fieldsIn(graph.blocks!);
  const fields = known.get(block) ?? copyFields(graph, block);
  known.set(block, fields);
  return fields;
}

function copyFields(graph: Pick<Graph, 'blocks'>, block: Block): Fields {
  const exposed = block.exposed.flatMap((each): [string, Field<unknown>][] => {
    const field = exposedField(graph, block, each);
    return field ? [[each.name, field]] : [];
  });
  return { repeat, ...Object.fromEntries(exposed) };
}

/** The deepest nesting of blocks; also ends the recursion of a block that contains itself. */
export const DEEPEST_BLOCKS = 64;

/**
 * The field of an exposed parameter: that of its first target, with the block's own value as initial value. If the
 * target is a copy of another block, that block's exposed field, and so on.
 */
function exposedField(
  graph: Pick<Graph, 'blocks'>,
  block: Block,
  exposed: Exposed,
): Field<unknown> | undefined {
  const passed: { name: string; value: unknown }[] = [];
  let field: Field<unknown> | undefined;
  for (let [at, each]: [Block, Exposed | undefined] = [block, exposed]; !field; ) {
    const first: Exposed['targets'][number] | undefined = each?.targets[0];
    const node = first && at.graph.nodes[first.node];
    if (!each || !node || passed.length > DEEPEST_BLOCKS || RESERVED_PARAMS.includes(each.name))
      return undefined;
    passed.push({ name: each.name, value: node.params[first.param] });
    const inner = blockOf(graph, node);
    if (inner && first.param !== 'repeat') {
      [at, each] = [inner, inner.exposed.findLast(({ name }) => name === first.param)];
      continue;
    }
    const fields = inner ? { repeat } : fieldsOf(graph, node);
    if (!Object.hasOwn(fields, first.param)) return undefined;
    field = fields[first.param];
  }
  let shown: Field<unknown> = field;
  for (const { name, value } of passed.toReversed()) {
    const isValid = shown.schema.safeParse(value).success;
    shown = { ...shown, label: name, initial: isValid ? value : shown.initial };
  }
  return shown;
}

/** Parameters of a new copy: nothing that the block defines itself. */
export function newCopyParams(block: BlockId): GraphNode['params'] {
  return { block, ...initialValues({ repeat }) };
}

/** The parameters that a copy overrides for a node inside its block; null for none. */
export function overridesFor(
  { exposed }: Block,
  copy: GraphNode,
  inner: NodeId,
): Readonly<Record<string, GraphNode['params'][string]>> | null {
  let overrides: Record<string, GraphNode['params'][string]> | null = null;
  for (const { name, param } of targetsAt(exposed).get(inner) ?? []) {
    const value = copy.params[name];
    if (value === undefined) continue;
    overrides ??= {};
    overrides[param] = value;
  }
  return overrides;
}

/** For each node inside a block, the exposed parameters: its own name of each, and the exposed name. */
const targetsAt = memoised((exposed: Block['exposed']) => {
  const all = exposed.flatMap(({ name, targets }) =>
    targets.map(({ node, param }) => ({ node, name, param })),
  );
  return Map.groupBy(all, ({ node }) => node);
});

/** A block and all blocks nested in it. */
export function withinBlock(graph: Pick<Graph, 'blocks'>, id: BlockId): ReadonlySet<BlockId> {
  const found = new Set<BlockId>([id]);
  for (const each of found) {
    for (const node of Object.values(graph.blocks?.[each]?.graph.nodes ?? {}))
      if (blockOf(graph, node)) found.add(blockIdOf(node));
  }
  return found;
}

/** The graph without blocks of which there is no copy, in the network or in a block that is used. */
export function withoutUnusedBlocks(graph: Graph): Graph {
  const { blocks, ...rest } = graph;
  if (!blocks) return graph;
  const used = new Set<BlockId>();
  for (const node of Object.values(graph.nodes))
    if (blockOf(graph, node)) for (const id of withinBlock(graph, blockIdOf(node))) used.add(id);
  const kept = Object.entries(blocks).filter(([id]) => used.has(id));
  if (kept.length === Object.keys(blocks).length) return graph;
  return kept.length === 0 ? rest : { ...rest, blocks: Object.fromEntries(kept) };
}
