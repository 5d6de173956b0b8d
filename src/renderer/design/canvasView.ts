/**
 * Where the canvas is looked at: a project opens where it was left, else with its network in sight. Shortcuts and
 * menus change it through the functions below, which do nothing while no canvas is shown.
 */
import { useReactFlow, useStoreApi, type Viewport } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import type { Graph } from '../../engine/graph/document.ts';
import type { Position } from '../../engine/graph/edits.ts';
import { NODE } from '../graphView/flow.ts';
import { flowIdsOf } from '../graphView/flowId.ts';
import { reveal, useNodeToReveal } from '../graphView/showNode.ts';
import { selectedItems } from '../store/canvasSelection.ts';
import { useDocument } from '../store/openDocument.ts';
import { graphNow, useScope } from '../store/openDrawing.ts';
import { motion } from '../ui/motion.ts';
import { type CanvasHandle, shownCanvas, useCanvasHandle } from './canvasHandle.tsx';
import { useCanvas } from './canvasState.ts';

/** Below this, text on nodes is hard to read: a tall network opens at its top instead of small. */
const READABLE_ZOOM = 0.72;
const VIEW_MARGIN = 28;

/** Props for React Flow that open the present drawing's view and remember it when it moves. */
export function useOpeningView() {
  const project = useDocument(state => state.project);
  const scope = useScope(state => state.scope);
  const drawing = project === null ? null : `${project}/${scope}`;
  const flow = useReactFlow();
  const store = useStoreApi();
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (drawing === null || shown.current === drawing) return;
    shown.current = drawing;
    const { width, height } = store.getState();
    const known = useCanvas.getState().viewports[drawing];
    const viewport = known ?? openingView(graphNow(), width, height);
    void flow.setViewport(viewport);
    useCanvas.setState({ zoom: viewport.zoom });
  }, [drawing, flow, store]);
  return {
    onMoveEnd: (_event: unknown, viewport: Viewport) => {
      if (drawing === null) return;
      useCanvas.setState(({ viewports }) => ({ viewports: { ...viewports, [drawing]: viewport } }));
    },
  };
}

/** Brings what is selected into sight, or all where nothing is. */
export function fit(): void {
  const ids = flowIdsOf(selectedItems());
  const nodes = ids.map(id => ({ id }));
  void shownCanvas()?.flow.fitView({ ...(ids.length > 0 && { nodes }), ...FIT_OPTIONS, duration: motion() });
}

export function fitAll(): void {
  void shownCanvas()?.flow.fitView({ ...FIT_OPTIONS, duration: motion() });
}

/** Below, the choice of figures stands. */
const FIT_OPTIONS = { padding: { x: '24px', top: '24px', bottom: '56px' }, maxZoom: 1.25 } as const;

export function zoomTo(zoom: number): void {
  void shownCanvas()?.flow.zoomTo(zoom, { duration: motion() });
}

export function zoomIn(): void {
  void shownCanvas()?.flow.zoomIn({ duration: motion() });
}

export function zoomOut(): void {
  void shownCanvas()?.flow.zoomOut({ duration: motion() });
}

/** A place of the screen on the canvas. */
export function canvasPlace(at: Position): Position {
  return shownCanvas()?.flow.screenToFlowPosition(at) ?? at;
}

/** On the screen; null while it is not on the canvas. In no store: nothing is drawn by it. */
let pointer: Position | null = null;

export function pointerIsAt(at: Position | null): void {
  pointer = at;
}

/** Where the pointer is on the canvas; undefined while it is elsewhere. */
export function pointerOnCanvas(): Position | undefined {
  return pointer === null ? undefined : canvasPlace(pointer);
}

/** Where something new comes to lie that nothing else gives a place: under the pointer, or in the middle. */
export function placeForNew(): Position {
  return pointerOnCanvas() ?? canvasPlace(shownCanvas()?.middle() ?? { x: 0, y: 0 });
}

/** Brings the node that somebody asked for into sight, and gives it the focus. */
export function useReveal(): void {
  const canvas = useCanvasHandle();
  const shown = useNodeToReveal(state => state.id);
  useEffect(() => {
    const node = shown === null ? undefined : graphNow().nodes[shown];
    if (shown === null || !node) return;
    reveal(null);
    if (!isInSight(canvas, node)) {
      const { flow } = canvas;
      const [x, y] = [node.x + NODE.width / 2, node.y + NODE.height / 2];
      void flow.setCenter(x, y, { zoom: flow.getZoom(), duration: motion() });
    }
    // The node may be drawn only once the view has moved to it.
    setTimeout(() => {
      // A search that goes on keeps the focus.
      if (useCanvas.getState().quickAdd) return;
      canvas.focusNode(shown);
    }, motion() + 20);
  }, [shown, canvas]);
}

function isInSight({ flow, bounds }: CanvasHandle, { x, y }: Position): boolean {
  const canvas = bounds();
  const first = flow.flowToScreenPosition({ x, y });
  const last = flow.flowToScreenPosition({ x: x + NODE.width, y: y + NODE.height });
  return first.x >= canvas.left && first.y >= canvas.top && last.x <= canvas.right && last.y <= canvas.bottom;
}

function openingView(graph: Graph, width: number, height: number): Viewport {
  const nodes = Object.values(graph.nodes);
  if (nodes.length === 0) return { x: width / 2 - NODE.width / 2, y: VIEW_MARGIN, zoom: 1 };
  const left = Math.min(...nodes.map(({ x }) => x));
  const right = Math.max(...nodes.map(({ x }) => x)) + NODE.width;
  const top = Math.min(...nodes.map(({ y }) => y));
  const bottom = Math.max(...nodes.map(({ y }) => y)) + NODE.height;
  const whole = Math.min(
    (width - 2 * VIEW_MARGIN) / (right - left),
    (height - 2 * VIEW_MARGIN) / (bottom - top),
  );
  const zoom = Math.max(READABLE_ZOOM, Math.min(1, whole));
  const spare = height - (bottom - top) * zoom;
  return {
    x: (width - (left + right) * zoom) / 2,
    y: (spare > 2 * VIEW_MARGIN ? Math.min(spare / 2, 2 * VIEW_MARGIN) : VIEW_MARGIN) - top * zoom,
    zoom,
  };
}
