/** What the canvas shows for a moment or keeps between visits; none of it belongs to the document. */
import type { Viewport } from '@xyflow/react';
import { create } from 'zustand';
import type { Id } from '../../bridge/contract.ts';
import type { Edge, NodeId } from '../../engine/graph/document.ts';
import type { Position } from '../../engine/graph/edits.ts';
import type { OverlayName } from './overlays.ts';

/** Where a layer that is searched for will go. */
export type QuickAddPlace =
  | { readonly kind: 'afterSelection' }
  | { readonly kind: 'onEdge'; readonly edge: Edge }
  | { readonly kind: 'fromNode'; readonly source: NodeId };

interface CanvasState {
  /** The figure that is laid over nodes and edges. */
  overlay: OverlayName;
  zoom: number;
  /** Where each project was looked at last. */
  viewports: Readonly<Record<Id, Viewport>>;
  /** Nodes that the edge being dragged could go to; null while none is. */
  receivers: ReadonlySet<NodeId> | null;
  /** The edge that a layer being dragged would be put on (edgeKey). */
  dropEdge: string | null;
  /** The search for a layer: where it stands on the canvas, and where what is found goes. */
  quickAdd: { at: Position; place: QuickAddPlace; flow: Position } | null;
  /** A node to bring into sight, as soon as the canvas is there. */
  reveal: NodeId | null;
  /** What was added by search before, latest first. */
  recentKinds: readonly string[];
}

export const useCanvas = create<CanvasState>(() => ({
  overlay: 'shape',
  zoom: 1,
  viewports: {},
  receivers: null,
  dropEdge: null,
  quickAdd: null,
  reveal: null,
  recentKinds: [],
}));

export function closeQuickAdd(): void {
  useCanvas.setState({ quickAdd: null });
}

export function rememberKind(kind: string): void {
  useCanvas.setState(({ recentKinds }) => ({
    recentKinds: [kind, ...recentKinds.filter(other => other !== kind)].slice(0, 5),
  }));
}
