/** What the canvas shows for a moment or keeps between visits; none of it belongs to the document. */
import type { Viewport } from '@xyflow/react';
import { create } from 'zustand';
import type { Guide } from '../../engine/graph/arrange.ts';
import type { Edge, NodeId } from '../../engine/graph/document.ts';
import type { Position } from '../../engine/graph/edits.ts';
import type { FlowId, Placed } from '../graphView/flowId.ts';
import { useFindings } from '../store/layerHealth.ts';
import type { OverlayName } from './overlays.ts';

/** Where a layer that is searched for will go. */
export type QuickAddPlace =
  | { readonly kind: 'afterSelection' }
  | { readonly kind: 'onEdge'; readonly edge: Edge }
  /** Edges lead from these nodes into it. */
  | { readonly kind: 'fromNodes'; readonly sources: readonly NodeId[] };

/** Ports that light up while an edge is dragged: of these nodes, where an edge comes in or where it goes out. */
export interface LitPorts {
  readonly nodes: ReadonlySet<NodeId>;
  readonly end: 'source' | 'target';
}

interface CanvasState {
  /** The figure that is laid over nodes and edges. */
  overlay: OverlayName;
  zoom: number;
  /** Where each drawing was looked at last: a project's, `<id>/`, or a block's in it. */
  viewports: Readonly<Record<string, Viewport>>;
  lit: LitPorts | null;
  /** The edge that a layer being dragged would be put on (edgeKey). */
  dropEdge: string | null;
  /** The search for a layer: where it stands on the canvas, and where what is found goes. */
  quickAdd: { at: Position; place: QuickAddPlace; flow: Position } | null;
  /** What was added by search before, latest first. */
  recentKinds: readonly string[];
  /** Where things are drawn while they move; the document says where they are before and after. */
  moving: Readonly<Record<FlowId, Placed>>;
  /** What a dragged thing is in line with. */
  guides: readonly Guide[];
  /** What is being named or written on the canvas itself. */
  editing: FlowId | null;
}

export const useCanvas = create<CanvasState>(() => ({
  overlay: 'shape',
  zoom: 1,
  viewports: {},
  lit: null,
  dropEdge: null,
  quickAdd: null,
  recentKinds: [],
  moving: {},
  guides: [],
  editing: null,
}));

/** The overlay that is shown: of health there is nothing to show before a run tells of it. */
export function useOverlay(): OverlayName {
  const overlay = useCanvas(state => state.overlay);
  const hasHealth = useFindings(({ byNode }) => byNode.size > 0);
  return overlay === 'health' && !hasHealth ? 'shape' : overlay;
}

export function closeQuickAdd(): void {
  useCanvas.setState({ quickAdd: null });
}

export function rememberKind(kind: string): void {
  useCanvas.setState(({ recentKinds }) => ({
    recentKinds: [kind, ...recentKinds.filter(other => other !== kind)].slice(0, 5),
  }));
}
