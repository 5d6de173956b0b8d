/**
 * Which drawing the canvas shows: the network's own, or that of a block, entered through one of its copies. What is
 * drawn, selected and edited by hand is that drawing's; undo, files and training know the whole network.
 */
import { create } from 'zustand';
import type { Graph, NodeId } from '../../engine/graph/document.ts';
import { drawingAt, editAt, validScope } from '../../engine/graph/drawings.ts';
import { editNetwork, networkNow, useDocument, useNetwork } from './openDocument.ts';

/** As expand.ts writes it: `stage/1/`; empty for the network itself. */
export const useScope = create<{ scope: string }>(() => ({ scope: '' }));

export const scopeNow = (): string => useScope.getState().scope;

export function enterScope(scope: string): void {
  useScope.setState({ scope });
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

useDocument.subscribe((state, before) => {
  const scope = state.project === before.project ? validScope(state.document.graph, scopeNow()) : '';
  if (scope !== scopeNow()) enterScope(scope);
});

/** What the canvas shows, as a graph of its own. */
export function graphNow(): Graph {
  return shown(networkNow(), scopeNow());
}

export function useGraph(): Graph {
  const scope = useScope(state => state.scope);
  return shown(useNetwork(), scope);
}

/** Changes what the canvas shows; with a block's drawing, all its copies. */
export function editGraph(change: (graph: Graph) => Graph, partOf?: string): void {
  editNetwork(graph => editAt(graph, scopeNow(), change), partOf);
}

/** Between an undo that takes a block away and the scope that follows it, the network itself is shown. */
function shown(network: Graph, scope: string): Graph {
  return drawingAt(network, scope) ?? network;
}
