/**
 * A part of a graph as text for the clipboard, to be pasted into other projects, windows and text editors. The graph is
 * written as in a project file. Other pasted text is refused with a message, or ignored.
 */
import { z } from 'zod';
import { blockIdOf, inputsOf, isBlock, withoutUnusedBlocks } from './blocks.ts';
import type { Items } from './canvasItems.ts';
import { listOf } from './collections.ts';
import {
  type Block,
  bounded,
  type Edge,
  edgeSchema,
  FORMAT_VERSION,
  formatGraph,
  type Graph,
  type GraphNode,
  type NodeId,
  parseDocument,
  placeText,
  soundGraphSchema,
} from './document.ts';
import { connect, freeId, type Position } from './edits.ts';
import { FreeNames } from './freeNames.ts';
import { topologicalOrder } from './infer.ts';

const clipSchema = bounded(
  z.strictObject({
    receptiveClip: z.literal(FORMAT_VERSION),
    graph: soundGraphSchema,
    /** Edges between the clip's nodes and the rest of the graph that it was copied from. */
    around: listOf(edgeSchema),
  }),
);

export interface Clip {
  readonly graph: Graph;
  readonly around: readonly Edge[];
}

/** Copies items with the edges among them and around them, and the blocks that they use. */
export function takeClip(graph: Graph, { nodes, frames, comments }: Items): Clip {
  const ids = new Set(nodes);
  const taken: Graph = {
    nodes: pick(graph.nodes, nodes),
    edges: graph.edges.filter(({ source, target }) => ids.has(source) && ids.has(target)),
    ...(frames.length > 0 && { frames: pick(graph.frames, frames) }),
    ...(comments.length > 0 && { comments: pick(graph.comments, comments) }),
  };
  return {
    graph: withoutUnusedBlocks({ ...taken, ...(graph.blocks && { blocks: graph.blocks }) }),
    around: graph.edges.filter(({ source, target }) => ids.has(source) !== ids.has(target)),
  };
}

function pick<T>(record: Readonly<Record<string, T>> = {}, ids: readonly string[]): Record<string, T> {
  return Object.fromEntries(ids.flatMap(id => (record[id] ? [[id, record[id]]] : [])));
}

type Blocks = Readonly<Record<string, Block>>;

export function clipText({ graph, around }: Clip): string {
  const edges = around.map(edge => JSON.stringify(edge)).join(', ');
  return `{\n  "around": [${edges}],\n  "graph": ${formatGraph(graph, '  ')},\n  "receptiveClip": ${FORMAT_VERSION}\n}\n`;
}

/** Parses pasted text: a clip or a project; a refusal where it is one but cannot be read; null where it is neither. */
export function readClip(text: string): Clip | { readonly refusal: string } | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof data !== 'object' || data === null) return null;
  if ('receptive' in data) return readProject(text);
  if (!('receptiveClip' in data)) return null;
  if (Number(data.receptiveClip) > FORMAT_VERSION) {
    return {
      refusal: 'These layers were copied from a later version of Receptive. Update it to paste them.',
    };
  }
  const parsed = clipSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  return {
    refusal: `The pasted layers are wrong at ${placeText(issue.path) || 'their top'}: ${issue.message}.`,
  };
}

function readProject(text: string): Clip | { readonly refusal: string } {
  try {
    return { graph: parseDocument(text).graph, around: [] };
  } catch (error) {
    return { refusal: (error as Error).message };
  }
}

interface Pasting {
  /** The offset from where it was copied. */
  readonly by: Position;
  /** Whether it is connected to the nodes that the originals are connected to, where they still exist. */
  readonly keepsEdges: boolean;
}

/** Adds a clip. After a cut, nodes keep ids and names; next to their originals, copies get new ones. */
export function pasteClip(
  graph: Graph,
  clip: Clip,
  { by, keepsEdges }: Pasting,
): { graph: Graph; items: Items } {
  const blocks = new Map<string, string>();
  let pasted = withBlocks(graph, clip.graph.blocks ?? {}, blocks);
  const nodes = new Map<NodeId, NodeId>();
  const names = new FreeNames(graph);
  const all = { ...pasted.nodes };
  for (const [id, node] of Object.entries(clip.graph.nodes)) {
    const free = id in all ? freeId(all) : id;
    const name = names.likeOrNumbered(node.name, node.kind);
    nodes.set(id, free);
    all[free] = inBlocks({ ...node, name, x: node.x + by.x, y: node.y + by.y }, blocks);
  }
  const edges = clip.graph.edges.flatMap(({ source, target, input }): Edge[] => {
    const [from, to] = [nodes.get(source), nodes.get(target)];
    return from !== undefined && to !== undefined ? [{ source: from, target: to, input }] : [];
  });
  pasted = { ...pasted, nodes: all, edges: [...pasted.edges, ...edges] };
  const frames = placed(pasted.frames, clip.graph.frames, by);
  const comments = placed(pasted.comments, clip.graph.comments, by);
  pasted = {
    ...pasted,
    ...(frames.record && { frames: frames.record }),
    ...(comments.record && { comments: comments.record }),
  };
  if (keepsEdges) pasted = rewireAll(pasted, clip.around, nodes);
  return { graph: pasted, items: { nodes: [...nodes.values()], frames: frames.ids, comments: comments.ids } };
}

/** Connects copies as their originals were: all edges at once, unless that would make a cycle. */
function rewireAll(graph: Graph, around: readonly Edge[], copies: ReadonlyMap<NodeId, NodeId>): Graph {
  const taken = new Map<NodeId, Set<number>>();
  for (const { target, input } of graph.edges) taken.set(target, (taken.get(target) ?? new Set()).add(input));
  const added = around.flatMap(({ source, target, input }): Edge[] => {
    const [from, to] = [copies.get(source) ?? source, copies.get(target) ?? target];
    const node = graph.nodes[to];
    if (!node || !graph.nodes[from] || from === to) return [];
    const inputs = inputsOf(graph, node);
    const full = taken.get(to) ?? new Set();
    taken.set(to, full);
    let free = input;
    if (full.has(free)) free = inputs === 'several' ? Math.max(...full) + 1 : 0;
    while (full.has(free)) free++;
    if (inputs !== 'several' && (input >= inputs || free >= inputs)) return [];
    full.add(free);
    return [{ source: from, target: to, input: free }];
  });
  const wired = { ...graph, edges: [...graph.edges, ...added] };
  const isSound = topologicalOrder(wired).cyclic.length === topologicalOrder(graph).cyclic.length;
  return isSound ? wired : around.reduce((current, edge) => rewire(current, edge, copies), graph);
}

/** Connects a copy as its original was. A single input that is taken stays as it is. */
function rewire(graph: Graph, { source, target, input }: Edge, copies: ReadonlyMap<NodeId, NodeId>): Graph {
  const edge = { source: copies.get(source) ?? source, target: copies.get(target) ?? target, input };
  const wired = connect(graph, edge);
  return wired.edges.length > graph.edges.length ? wired : graph;
}

function placed<T extends Position>(
  record: Readonly<Record<string, T>> | undefined,
  added: Readonly<Record<string, T>> | undefined,
  by: Position,
): { record: Record<string, T> | undefined; ids: string[] } {
  if (!added) return { record, ids: [] };
  const [all, ids]: [Record<string, T>, string[]] = [{ ...record }, []];
  for (const [id, item] of Object.entries(added)) {
    const free = id in all ? freeId(all) : id;
    all[free] = { ...item, x: item.x + by.x, y: item.y + by.y };
    ids.push(free);
  }
  return { record: all, ids };
}

/** Adds the clip's blocks. A block whose id is taken by a different block gets a new id. */
function withBlocks(graph: Graph, brought: Blocks, ids: Map<string, string>): Graph {
  const there = graph.blocks ?? {};
  for (const [id, block] of Object.entries(brought)) {
    const same = !there[id] || JSON.stringify(there[id]) === JSON.stringify(block);
    ids.set(id, same ? id : freeId({ ...there, ...brought }));
  }
  if (ids.size === 0) return graph;
  const added = Object.entries(brought).map(([id, block]): [string, Block] => {
    const nodes = Object.entries(block.graph.nodes).map(([key, node]) => [key, inBlocks(node, ids)]);
    return [ids.get(id)!, { ...block, graph: { ...block.graph, nodes: Object.fromEntries(nodes) } }];
  });
  return { ...graph, blocks: { ...there, ...Object.fromEntries(added) } };
}

function inBlocks(node: GraphNode, ids: ReadonlyMap<string, string>): GraphNode {
  const id = isBlock(node) ? ids.get(blockIdOf(node)) : undefined;
  return id === undefined ? node : { ...node, params: { ...node.params, block: id } };
}
