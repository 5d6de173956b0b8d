/** What is selected on the canvas. Not part of the document, and not undone; ids that are gone mean nothing. */
import { create } from 'zustand';
import type { Edge, NodeId } from '../../engine/graph/document.ts';
import { graphNow } from './scope.ts';

interface Selection {
  nodes: ReadonlySet<NodeId>;
  /** The key of the selected edge (edgeKey). */
  edge: string | null;
}

export const useSelection = create<Selection>(() => ({ nodes: new Set(), edge: null }));

/** An edge's name: no two edges of a graph share it. */
export function edgeKey({ source, target, input }: Edge): string {
  return `${source}→${target}:${input}`;
}

export function selectNodes(ids: Iterable<NodeId>): void {
  useSelection.setState({ nodes: new Set(ids), edge: null });
}

export function selectEdge(edge: Edge): void {
  useSelection.setState({ nodes: new Set(), edge: edgeKey(edge) });
}

export function selectNothing(): void {
  const { nodes, edge } = useSelection.getState();
  if (nodes.size > 0 || edge) useSelection.setState({ nodes: new Set(), edge: null });
}

/** The selected nodes that the graph still has. */
export function selectedNodes(): NodeId[] {
  const { nodes } = graphNow();
  return [...useSelection.getState().nodes].filter(id => id in nodes);
}

/** The one selected node; undefined where none or several are. */
export function selectedNode(): NodeId | undefined {
  const ids = selectedNodes();
  return ids.length === 1 ? ids[0] : undefined;
}

export function selectedEdge(): Edge | undefined {
  const { edge } = useSelection.getState();
  return edge === null ? undefined : graphNow().edges.find(other => edgeKey(other) === edge);
}
