/**
 * Blocks as data: what a copy of a block (a node of kind `Block`) stands for, what of it can be set, what flows
 * into it. Nothing here computes shapes; expand.ts takes blocks apart, blockEdits.ts makes and changes them.
 */
import { type Field, type Fields, initialValues, integer } from '../layers/fields.ts';
import { layerKind } from '../layers/registry.ts';
import type { Block, BlockId, Drawing, Exposed, Graph, GraphNode, NodeId } from './document.ts';

/** The kind of a node that is a copy of a block; its parameter `block` names which. */
export const BLOCK = 'Block';
/** The kind of a node inside a block through which data enters; its parameter `index` says by which input. */
export const BLOCK_INPUT = 'BlockInput';

/** Copies one after the other: beyond it no network is drawn. */
export const MOST_REPEATS = 1000;

/** What a copy's parameters are called beside the exposed ones: none of those may be called so. */
export const RESERVED_PARAMS: readonly string[] = ['block', 'repeat'];

export const isBlock = ({ kind }: Pick<GraphNode, 'kind'>): boolean => kind === BLOCK;
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

/** Where data enters a block, in the order of its inputs. */
export function entriesOf({ nodes }: Drawing): readonly NodeId[] {
  return Object.keys(nodes)
    .filter(id => isBlockInput(nodes[id]!))
    .toSorted((a, b) => inputIndex(nodes[a]!) - inputIndex(nodes[b]!));
}

/** How many inputs a node has: its kind's, or its block's; what is unknown takes what it is given. */
export function inputsOf(graph: Pick<Graph, 'blocks'>, node: GraphNode): number | 'several' {
  if (isBlockInput(node)) return 0;
  const block = blockOf(graph, node);
  return block ? entriesOf(block.graph).length : (layerKind(node.kind)?.inputs ?? 'several');
}

/** Nodes of a drawing whose output nobody takes. */
export function sinksOf({ nodes, edges }: Drawing): readonly NodeId[] {
  const feeding = new Set(edges.map(({ source }) => source));
  return Object.keys(nodes).filter(id => !feeding.has(id));
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

/** What can be set of a node: its kind's fields, or its block's repeat count and exposed parameters. */
export function fieldsOf(graph: Pick<Graph, 'blocks'>, node: GraphNode, depth = 0): Fields {
  const block = blockOf(graph, node);
  if (!block) return isBlock(node) ? {} : (layerKind(node.kind)?.fields ?? {});
  const exposed = block.exposed.flatMap((each): [string, Field<unknown>][] => {
    const field = exposedField(graph, block, each, depth);
    return field ? [[each.name, field]] : [];
  });
  return { repeat, ...Object.fromEntries(exposed) };
}

/** Blocks within blocks end somewhere: a block that holds itself exposes nothing below this depth. */
const DEEPEST = 32;

/** An exposed parameter as a form shows it: the first target's field, starting from what the block itself says. */
function exposedField(
  graph: Pick<Graph, 'blocks'>,
  { graph: { nodes } }: Block,
  { name, targets }: Exposed,
  depth: number,
): Field<unknown> | undefined {
  const [first] = targets;
  const node = first && nodes[first.node];
  if (!node || depth > DEEPEST || RESERVED_PARAMS.includes(name)) return undefined;
  const field = fieldsOf(graph, node, depth + 1)[first.param];
  const value = node.params[first.param];
  const isValid = field?.schema.safeParse(value).success;
  return field && { ...field, label: name, initial: isValid ? value : field.initial };
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
  for (const { name, targets } of exposed) {
    const value = copy.params[name];
    if (value === undefined) continue;
    for (const { node, param } of targets) {
      if (node !== inner) continue;
      overrides ??= {};
      overrides[param] = value;
    }
  }
  return overrides;
}

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
