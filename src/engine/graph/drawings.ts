/**
 * The drawings of a project: the network's own, and one for each block. A scope (`stage/1/`) is the path of copies
 * through which a drawing is shown; the drawing of a block is the same for all its copies.
 */
import { blockIdOf, blockOf, repeatOf, withoutUnusedBlocks } from './blocks.ts';
import type { Block, BlockId, Drawing, Graph, NodeId } from './document.ts';

export interface EnteredCopy {
  /** The expanded id of the node (expand.ts): `stage`, `stage/1/inner`. */
  readonly id: NodeId;
  readonly name: string;
  readonly blockId: BlockId;
  readonly block: Block;
  /** The index of the repetition, from 0, and their number. */
  readonly turn: number;
  readonly repeat: number;
}

/** The copies along a scope, outermost first; undefined where one does not exist. */
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

/** The innermost copy of a scope; undefined for the network itself. */
export function copyOfScope(graph: Graph, scope: string): EnteredCopy | undefined {
  return copiesInto(graph, scope)?.at(-1);
}

/** Drawings as graphs, cached: the same object for the same drawing, to avoid redrawing. */
const drawingGraphs = new WeakMap<Drawing, Graph>();

/** A drawing as a graph; undefined where its scope does not exist. */
export function drawingAt(graph: Graph, scope: string): Graph | undefined {
  if (scope === '') return graph;
  const copy = copyOfScope(graph, scope);
  if (!copy) return undefined;
  const before = drawingGraphs.get(copy.block.graph);
  if (before && before.blocks === graph.blocks) return before;
  const drawing: Graph = { ...copy.block.graph, ...(graph.blocks && { blocks: graph.blocks }) };
  drawingGraphs.set(copy.block.graph, drawing);
  return drawing;
}

/** The longest prefix of a scope that exists: a shown block may be deleted. */
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

/** Changes one drawing, which for a block changes all its copies. Does nothing where the scope does not exist. */
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
