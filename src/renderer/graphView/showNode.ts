/** Leads a person to a node, from wherever in the window its name stands. */
import { create } from 'zustand';
import type { NodeId } from '../../engine/graph/document.ts';
import { scopeOf } from '../../engine/graph/expand.ts';
import { goTo } from '../store/activePage.ts';
import { selectNodes } from '../store/canvasSelection.ts';
import { enterScope } from '../store/openDrawing.ts';

/** A node that the canvas brings into sight and gives the focus, as soon as it is there; then null again. */
export const useNodeToReveal = create<{ id: NodeId | null }>(() => ({ id: null }));

export function reveal(id: NodeId | null): void {
  useNodeToReveal.setState({ id });
}

/** A node of the drawing that the canvas shows. */
export function showNode(id: NodeId): void {
  goTo('design');
  selectNodes([id]);
  reveal(id);
}

/** A layer anywhere in the network, by the id that inference gives it: the canvas enters the block that it is in. */
export function showLayer(id: NodeId): void {
  const scope = scopeOf(id);
  enterScope(scope);
  showNode(id.slice(scope.length));
}
