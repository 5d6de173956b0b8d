/**
 * Which drawing the canvas shows: the network's own, or that of a block, entered through one of its copies. What is
 * drawn, selected and edited by hand is that drawing's; undo, files and training know the whole network.
 */
import type { Graph, NodeId } from '../../engine/graph/document.ts';
import { editAt } from '../../engine/graph/drawings.ts';
import { editNetwork, useDocument } from './openDocument.ts';

export function useScope<T>(select: (of: { scope: string }) => T): T {
  return useDocument(select);
}

export const scopeNow = (): string => useDocument.getState().scope;

export function enterScope(scope: string): void {
  useDocument.setState({ scope });
}

/** Into a copy of a block that is drawn here. */
export function enterCopy(id: NodeId): void {
  enterScope(`${scopeNow()}${id}/0/`);
}

/** Out of the block, by one. */
export function leaveBlock(): void {
  enterScope(
    scopeNow()
      .split('/')
      .slice(0, -3)
      .map(part => `${part}/`)
      .join(''),
  );
}

/** What the canvas shows, as a graph of its own. */
export const graphNow = (): Graph => useDocument.getState().drawing;

export const useGraph = (): Graph => useDocument(state => state.drawing);

/** Changes what the canvas shows; with a block's drawing, all its copies. */
export function editGraph(change: (graph: Graph) => Graph, partOf?: string): void {
  editNetwork(graph => editAt(graph, scopeNow(), change), partOf);
}
