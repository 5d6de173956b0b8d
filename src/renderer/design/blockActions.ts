/** What hands do with blocks: make, open, leave, dissolve, unlink, keep for other projects, take a copy. */
import {
  addCopy,
  addEntry,
  copiesOf,
  dissolveBlock,
  makeBlock,
  refusesDissolving,
  unlinkCopy,
} from '../../engine/graph/blockEdits.ts';
import { blockIdOf, blockOf, isBlock, withinBlock } from '../../engine/graph/blocks.ts';
import type { BlockId, Graph, NodeId } from '../../engine/graph/document.ts';
import { copiesInto } from '../../engine/graph/drawings.ts';
import { makeRoom, NODE_PITCH, type Position, splice } from '../../engine/graph/edits.ts';
import { singleOutput } from '../../engine/graph/inference.ts';
import { showNode } from '../graphView/showNode.ts';
import { selectedNode, selectedNodes, selectNodes, selectNothing } from '../store/canvasSelection.ts';
import { studio } from '../store/connection.ts';
import { inferenceNow } from '../store/documentInference.ts';
import { networkNow } from '../store/openDocument.ts';
import { editGraph, enterCopy, graphNow, leaveBlock, scopeNow } from '../store/openDrawing.ts';
import { attempt, showMessage } from '../ui/toast.tsx';

/** Puts the selected layers into a block; a copy of it is selected in their place. */
export function groupSelection(): void {
  const made = makeBlock(graphNow(), selectedNodes());
  if ('refusal' in made) {
    showMessage(made.refusal);
    return;
  }
  editGraph(() => made.graph);
  selectNodes([made.id]);
}

/** Puts the layers of the selected copies in their places. */
export function dissolveSelection(): void {
  const before = graphNow();
  const copies = selectedNodes().filter(id => blockOf(before, before.nodes[id]!));
  if (copies.length === 0) {
    showMessage('Select a block to take it apart.');
    return;
  }
  const refusal = copies.map(id => refusesDissolving(before, id)).find(Boolean);
  if (refusal) showMessage(refusal);
  const after = copies.reduce(dissolveBlock, before);
  editGraph(() => after);
  selectNodes(Object.keys(after.nodes).filter(id => !(id in before.nodes)));
}

/** Whether there was a block to open. */
export function openBlock(id: NodeId | undefined = selectedNode()): boolean {
  const node = id === undefined ? undefined : graphNow().nodes[id];
  if (id === undefined || !node || !isBlock(node)) return false;
  if (!blockOf(graphNow(), node)) {
    showMessage(`The block that ${node.name} is a copy of is not in this project.`);
    return true;
  }
  enterCopy(id);
  selectNothing();
  return true;
}

/** Back to where the block was opened from; its copy is selected there. */
export function closeBlock(): void {
  const copy = copiesInto(networkNow(), scopeNow())?.at(-1);
  leaveBlock();
  if (copy) selectNodes([copy.id.slice(scopeNow().length)]);
}

export function unlinkBlock(id: NodeId): void {
  editGraph(graph => unlinkCopy(graph, id));
}

/** How many copies a node's block has, wherever they are drawn. */
export function copiesLikeThis(network: Graph, graph: Graph, id: NodeId): number {
  const node = graph.nodes[id];
  return node ? copiesOf(network, blockIdOf(node)) : 0;
}

/** Keeps a block in the library, from which every project can take it. */
export async function keepInLibrary(id: BlockId): Promise<void> {
  const { blocks = {} } = networkNow();
  const block = blocks[id];
  if (!block) return;
  const within = [...withinBlock({ blocks }, id)].map(each => [each, blocks[each]!]);
  const kept = { name: block.name, block: id, blocks: Object.fromEntries(within) };
  const done = await attempt(() => studio().keepBlock(kept), `${block.name} was not kept`);
  if (done) showMessage(`${block.name} is in the library: every project can take a copy.`);
}

/** Adds one more place where data enters the block that is open. */
export function addBlockInput(): void {
  if (scopeNow() === '') {
    showMessage('Open a block first: data enters a network by its Input.');
    return;
  }
  const { nodes } = graphNow();
  const right = Math.max(...Object.values(nodes).map(({ x }) => x), 0);
  const { graph, id } = addEntry(graphNow(), { x: right + 252, y: 0 });
  editGraph(() => graph);
  showNode(id);
}

/**
 * Adds a copy of a block: behind the selected layer, else at the end; `brought` are blocks of the library that the
 * project may not have yet.
 */
export function addBlock(id: BlockId, fallback: Position, brought: Graph['blocks'] = {}): void {
  if (holdsHere(id)) {
    showMessage('A block cannot stand inside itself.');
    return;
  }
  const graph = graphNow();
  const source = selectedNode() ?? singleOutput(inferenceNow()) ?? undefined;
  const at = source === undefined ? undefined : graph.nodes[source];
  const leaving = graph.edges.filter(edge => edge.source === source);
  const below = at ? { x: at.x, y: at.y + NODE_PITCH } : fallback;
  const [edge] = leaving;
  const added =
    edge && leaving.length === 1
      ? addCopy(makeRoom(graph, edge), id, below, undefined, brought)
      : addCopy(graph, id, below, source, brought);
  const isOnEdge = edge && leaving.length === 1;
  editGraph(() => (isOnEdge ? splice(added.graph, edge, added.id) : added.graph));
  showNode(added.id);
}

/** Drops a copy of a block where it lies, wired to nothing. */
export function dropBlock(id: BlockId, at: Position, brought: Graph['blocks'] = {}): void {
  if (holdsHere(id)) {
    showMessage('A block cannot stand inside itself.');
    return;
  }
  const added = addCopy(graphNow(), id, at, undefined, brought);
  editGraph(() => added.graph);
  showNode(added.id);
}

/** Whether the canvas shows the inside of a block, or of one that stands in it. */
function holdsHere(id: BlockId): boolean {
  const around = copiesInto(networkNow(), scopeNow())?.map(copy => copy.blockId) ?? [];
  const within = withinBlock(networkNow(), id);
  return around.some(outer => within.has(outer));
}
