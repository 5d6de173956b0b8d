/** From a line of code to the canvas: which node it is there, whatever block is open. */
import type { Graph, NodeId } from '../../../engine/graph/document.ts';
import { copyOfScope } from '../../../engine/graph/drawings.ts';
import { scopeOf } from '../../../engine/graph/expand.ts';
import { drawnNode } from '../../../engine/graph/scopedInference.ts';

interface View {
  readonly network: Graph;
  /** Of the drawing that the canvas shows. */
  readonly scope: string;
  /** Whether each copy of a block has lines of its own; else one class is written for all of them. */
  readonly isApart: boolean;
}

/** The node of the drawing on the canvas that a line belongs to; null: to none that is drawn there. */
export function nodeOfLine(id: NodeId, { network, scope, isApart }: View): NodeId | null {
  const drawn = drawnNode(id, scope) ?? null;
  if (isApart || (drawn !== null && scope + drawn === id)) return drawn;
  const inside = scopeOf(id);
  const open = copyOfScope(network, scope)?.blockId;
  // Whichever copy was entered, the class is that of the block that is open.
  const isOpen = open !== undefined && copyOfScope(network, inside)?.blockId === open;
  return isOpen ? id.slice(inside.length) : null;
}
