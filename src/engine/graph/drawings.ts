/**
 * The drawings of a project: the network's own, and one for each block. A scope (`stage/1/`) says from which copies
 * one came into a drawing; the drawing of a block is the same from wherever one enters it.
 */
import { blockIdOf, blockOf, repeatOf, withoutUnusedBlocks } from './blocks.ts';
import type { Block, BlockId, Drawing, Graph, NodeId } from './document.ts';

export interface EnteredCopy {
  /** Of the node, as expand.ts calls it: `stage`, `stage/1/inner`. */
  readonly id: NodeId;
  readonly name: string;
  readonly blockId: BlockId;
  readonly block: Block;
  /** Which of its repetitions, counted from 0, and how many there are. */
  readonly turn: number;
  readonly repeat: number;
}

/** The copies that a scope leads through, the outermost first; undefined where one of them is not there. */
export function copiesInto(graph: Graph, scope: string): readonly EnteredCopy[] | undefined {
  const parts = scope.split('/').slice(0, -1);
  const entered: EnteredCopy[] = [];
  let nodes = graph.nodes;
  for (let i = 0; i < parts.length; i += 2) {
    const node = nodes[parts[i]!];
    const block = node && blockOf(graph, node);
    if (!block) return undefined;
    const id = parts.slice(0, i + 1).join('/');
    entered.push({
      id,
      name: node.name,
      blockId: blockIdOf(node),
      block,
      turn: Number(parts[i + 1]),
      repeat: repeatOf(node),
    });
    nodes = block.graph.nodes;
  }
  return entered;
}

/** The copy that a scope lies in; undefined for the network itself. */
export function copyOfScope(graph: Graph, scope: string): EnteredCopy | undefined {
  return copiesInto(graph, scope)?.at(-1);
}

/** Block drawings as graphs: the same object for the same drawing, so that nobody draws it anew. */
const known = new WeakMap<Drawing, Graph>();

/** A drawing as a graph of its own; undefined where its scope leads nowhere. */
export function drawingAt(graph: Graph, scope: string): Graph | undefined {
  if (scope === '') return graph;
  const copy = copyOfScope(graph, scope);
  if (!copy) return undefined;
  const before = known.get(copy.block.graph);
  if (before && before.blocks === graph.blocks) return before;
  const drawing: Graph = { ...copy.block.graph, ...(graph.blocks && { blocks: graph.blocks }) };
  known.set(copy.block.graph, drawing);
  return drawing;
}

/** As much of a scope as leads somewhere: a block that one stands in may go. */
export function validScope(graph: Graph, scope: string): string {
  let valid = scope;
  while (valid !== '' && !hasTurn(graph, valid)) {
    valid = valid
      .split('/')
      .slice(0, -3)
      .map(part => `${part}/`)
      .join('');
  }
  return valid;
}

function hasTurn(graph: Graph, scope: string): boolean {
  const copy = copyOfScope(graph, scope);
  return copy !== undefined && copy.turn < copy.repeat;
}

/** Changes one drawing; with a block's, all its copies. Where the scope leads nowhere, nothing changes. */
export function editAt(graph: Graph, scope: string, change: (drawing: Graph) => Graph): Graph {
  if (scope === '') return change(graph);
  const copy = copyOfScope(graph, scope);
  const drawing = drawingAt(graph, scope);
  if (!copy || !drawing) return graph;
  const changed = change(drawing);
  if (changed === drawing) return graph;
  const { blocks: others, ...inner } = changed;
  const blocks = { ...graph.blocks, ...others, [copy.blockId]: { ...copy.block, graph: inner } };
  return withoutUnusedBlocks({ ...graph, blocks });
}
