/** What is selected on the canvas. Not part of the document, and not undone; ids that are gone mean nothing. */
import { create } from 'zustand';
import type { CommentId, FrameId, Items } from '../../engine/graph/canvasItems.ts';
import type { Edge, NodeId } from '../../engine/graph/document.ts';
import { graphNow } from './openDrawing.ts';

interface Selection {
  nodes: ReadonlySet<NodeId>;
  frames: ReadonlySet<FrameId>;
  comments: ReadonlySet<CommentId>;
  /** The key of the selected edge (edgeKey). */
  edge: string | null;
}

const NOTHING: Selection = { nodes: new Set(), frames: new Set(), comments: new Set(), edge: null };

export const useSelection = create<Selection>(() => NOTHING);

/** An edge's name: no two edges of a graph share it. */
export function edgeKey({ source, target, input }: Edge): string {
  return `${source}→${target}:${input}`;
}

export function selectNodes(ids: Iterable<NodeId>): void {
  useSelection.setState({ ...NOTHING, nodes: new Set(ids) });
}

export function selectItems({ nodes = [], frames = [], comments = [] }: Partial<Items>): void {
  useSelection.setState({
    nodes: new Set(nodes),
    frames: new Set(frames),
    comments: new Set(comments),
    edge: null,
  });
}

export function selectEdge(edge: Edge): void {
  useSelection.setState({ ...NOTHING, edge: edgeKey(edge) });
}

export function selectNothing(): void {
  const { nodes, frames, comments, edge } = useSelection.getState();
  if (nodes.size + frames.size + comments.size > 0 || edge) useSelection.setState(NOTHING);
}

/** The selected nodes that the graph still has. */
export function selectedNodes(): NodeId[] {
  const { nodes } = graphNow();
  return [...useSelection.getState().nodes].filter(id => id in nodes);
}

/** What is selected and still there. */
export function selectedItems(): Items {
  const { frames = {}, comments = {} } = graphNow();
  const selection = useSelection.getState();
  return {
    nodes: selectedNodes(),
    frames: [...selection.frames].filter(id => id in frames),
    comments: [...selection.comments].filter(id => id in comments),
  };
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
