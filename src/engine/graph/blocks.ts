/**
 * Blocks as data: what a copy of a block (a node of kind `Block`) stands for, what of it can be set, what flows
 * into it. Nothing here computes shapes; expand.ts takes blocks apart, blockEdits.ts makes and changes them.
 */
import { type Field, type Fields, initialValues, integer } from '../layers/fields.ts';
import { layerKind } from '../layers/registry.ts';
import type { Block, BlockId, Drawing, Edge, Exposed, Graph, GraphNode, NodeId } from './document.ts';

/** The kind of a node that is a copy of a block; its parameter `block` names which. */
export const BLOCK_KIND = 'Block';
/** The kind of a node inside a block through which data enters; its parameter `index` says by which input. */
export const BLOCK_INPUT = 'BlockInput';

/** Copies one after the other: beyond it no network is drawn. */
const MOST_REPEATS = 1000;

/** What a copy's parameters are called beside the exposed ones: none of those may be called so. */
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

/** By which input of the block data enters here. */
export function inputIndex({ params }: GraphNode): number {
  return typeof params.index === 'number' ? params.index : 0;
}

/** What is worked out of an object once: of a drawing, say, which is never changed but replaced. */
function once<K extends object, T>(find: (of: K) => T): (of: K) => T {
  const known = new WeakMap<K, { readonly value: T }>();
  return of => {
    const found = known.get(of) ?? { value: find(of) };
    known.set(of, found);
    return found.value;
  };
}

const entriesAmong = once((nodes: Drawing['nodes']): readonly NodeId[] =>
  Object.keys(nodes)
    .filter(id => isBlockInput(nodes[id]!))
    .toSorted((a, b) => inputIndex(nodes[a]!) - inputIndex(nodes[b]!)),
);

/** Where data enters a block, in the order of its inputs. */
export function entriesOf({ nodes }: Drawing): readonly NodeId[] {
  return entriesAmong(nodes);
}

/** How many inputs a node has: its kind's, or its block's; what is unknown takes what it is given. */
export function inputsOf(graph: Pick<Graph, 'blocks'>, node: GraphNode): number | 'several' {
  if (isBlockInput(node)) return 0;
  const block = blockOf(graph, node);
  return block ? entriesOf(block.graph).length : (layerKind(node.kind)?.inputs ?? 'several');
}

/** How the nodes of a drawing are joined. */
export interface Joints {
  /** Edges by the input that they flow into, `target input`; of several into one the last. */
  readonly into: ReadonlyMap<string, Edge>;
  readonly byTarget: ReadonlyMap<NodeId, readonly Edge[]>;
  /** By which input of a block data enters at each of its entries. */
  readonly ranks: ReadonlyMap<NodeId, number>;
  /** Nodes whose output nobody takes. */
  readonly sinks: readonly NodeId[];
}

export const jointsOf = once((drawing: Drawing): Joints => {
  const { nodes, edges } = drawing;
  const feeding = new Set(edges.map(({ source }) => source));
  return {
    into: new Map(edges.map(edge => [`${edge.target} ${edge.input}`, edge])),
    byTarget: Map.groupBy(edges, ({ target }) => target),
    ranks: new Map(entriesOf(drawing).map((id, rank) => [id, rank])),
    sinks: Object.keys(nodes).filter(id => !feeding.has(id)),
  };
});

/** Nodes of a drawing whose output nobody takes. */
export function sinksOf(drawing: Drawing): readonly NodeId[] {
  return jointsOf(drawing).sinks;
}

const repeat = integer({
  label: 'Repeat',
  help: 'How many copies stand one after the other, each with weights of its own.',
  initial: 1,
  min: 1,
  max: MOST_REPEATS,
});

/** How often a copy stands one after the other; 1 where it says nothing that can be. */
export function repeatOf({ params }: GraphNode): number {
  const { repeat: times = 1 } = params;
  return typeof times === 'number' && times >= 1 && times <= MOST_REPEATS ? Math.floor(times) : 1;
}

type Blocks = NonNullable<Graph['blocks']>;

/** What copies of each block can set, in one state of all blocks. */
const fieldsIn = once((_blocks: Blocks) => new Map<Block, Fields>());

/** What can be set of a node: its kind's fields, or its block's repeat count and exposed parameters. */
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

/** Blocks within one another: a person stays far below, and a block that holds itself never ends. */
export const DEEPEST_BLOCKS = 64;

/**
 * An exposed parameter as a form shows it: the first target's field, starting from what the block itself says. Where
 * the target is a copy of another block, the parameter is the one that that block exposes, and so on.
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

/** A new node's parameters of this block: nothing is set that the block says itself. */
export function newCopyParams(block: BlockId): GraphNode['params'] {
  return { block, ...initialValues({ repeat }) };
}

/** What a copy sets for itself of the parameters of a node inside its block; null: nothing. */
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

/** What is exposed of each node inside a block: what it calls the parameter, and what copies do. */
const targetsAt = once((exposed: Block['exposed']) => {
  const all = exposed.flatMap(({ name, targets }) =>
    targets.map(({ node, param }) => ({ node, name, param })),
  );
  return Map.groupBy(all, ({ node }) => node);
});

/** A block and all that stand within it. */
export function withinBlock(graph: Pick<Graph, 'blocks'>, id: BlockId): ReadonlySet<BlockId> {
  const found = new Set<BlockId>([id]);
  for (const each of found) {
    for (const node of Object.values(graph.blocks?.[each]?.graph.nodes ?? {}))
      if (blockOf(graph, node)) found.add(blockIdOf(node));
  }
  return found;
}

/** Without the blocks that no copy is left of, in the drawing or in a block that is used. */
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
