/** The canvas: the graph to see and to touch. Draws what flow.ts derives; what hands do is in gestures.ts. */
import {
  Background,
  BackgroundVariant,
  MiniMap,
  type NodeChange,
  ReactFlow,
  useReactFlow,
  type Viewport,
} from '@xyflow/react';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { layerKind } from '../../engine/layers/registry.ts';
import { edgeAt, type LayerFlowNode, type ShapeFlowEdge, usePicture } from '../graphView/flow.ts';
import { type FlowId, flowIdsOf, itemsOf } from '../graphView/flowId.ts';
import { edgeKey, selectEdge, selectItems, selectNothing, useSelection } from '../store/canvasSelection.ts';
import { useInference } from '../store/documentInference.ts';
import { useFindings } from '../store/layerHealth.ts';
import { useDocument } from '../store/openDocument.ts';
import { graphNow, useGraph, useScope } from '../store/openDrawing.ts';
import { BLOCK_HUE, hueOf } from '../ui/families.ts';
import { openBlock } from './blockActions.ts';
import { BLOCK_TYPE, dropTravelling } from './blockPalette.tsx';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { useCanvasHandle } from './canvasHandle.tsx';
import { useCanvas, useOverlay } from './canvasState.ts';
import { pointerIsAt, useOpeningView } from './canvasView.ts';
import { CommentNode } from './commentNode.tsx';
import { useConnecting } from './connecting.ts';
import { ConnectionLine } from './connectionLine.tsx';
import { openContextMenu } from './contextMenu.tsx';
import { useDragging } from './dragging.ts';
import { EdgeGrips } from './edgeGrips.tsx';
import { FrameNode } from './frameNode.tsx';
import { dropKind } from './gestures.ts';
import { wellnessColor } from './healthOverlay.tsx';
import { LayerNode } from './layerNode.tsx';
import { type NoteFlowNode, type Size, useNotes } from './noteFlow.ts';
import { HeatLegend } from './overlayControls.tsx';
import { heatColor, overlays, scaleOf, shareOf } from './overlays.ts';
import { LAYER_TYPE } from './palette.tsx';
import { openQuickAdd } from './quickAdd.tsx';
import { ShapeEdge } from './shapeEdge.tsx';
import { Guides } from './snapLines.tsx';
import { useHeldSpace } from './spaceKey.ts';

type CanvasNode = LayerFlowNode | NoteFlowNode;

/** In pixels; React Flow must know them to draw the view's frame. */
const MINIMAP = { width: 112, height: 132 };

/** Up to here all nodes are drawn, so that Tab and screen readers find them; beyond, what is in sight. */
const ALL_DRAWN_LIMIT = 150;

const nodeTypes = { layer: LayerNode, frame: FrameNode, comment: CommentNode };
const edgeTypes = { shape: ShapeEdge };

/** How React Flow behaves, whatever is drawn. Keys are actions/keys.ts's. */
const FLOW_OPTIONS = {
  connectionRadius: 28,
  deleteKeyCode: null,
  panActivationKeyCode: null,
  multiSelectionKeyCode: ['Shift', 'Control', 'Meta'],
  disableKeyboardA11y: true,
  zoomOnDoubleClick: false,
  elevateNodesOnSelect: false,
  minZoom: 0.04,
  maxZoom: 2.5,
  nodeDragThreshold: 2,
  proOptions: { hideAttribution: true },
};

/** A click on one of several that are selected means that one; with a key held it adds or takes away. */
function pickOne(event: React.MouseEvent, node: CanvasNode): void {
  if (!event.shiftKey && !event.ctrlKey && !event.metaKey) selectItems(itemsOf([node.id]));
}

/** The right button: what it is pressed on is selected, and its menu opened. */
const menus = {
  onNodeContextMenu: (event: React.MouseEvent, node: CanvasNode) => {
    if (!node.selected) selectItems(itemsOf([node.id]));
    openContextMenu(event, 'items');
  },
  onEdgeContextMenu: (event: React.MouseEvent, edge: ShapeFlowEdge) => {
    if (edge.data) selectEdge(edge.data.edge);
    openContextMenu(event, 'edge');
  },
  onPaneContextMenu: (event: React.MouseEvent | MouseEvent) => {
    selectNothing();
    openContextMenu(event, 'canvas');
  },
};

/** What is selected by clicks, and opened by two. */
const clicks = {
  onNodeClick: pickOne,
  onNodeDoubleClick: (_event: React.MouseEvent, { id, type }: CanvasNode) => {
    if (type === 'layer') openBlock(id);
  },
  onEdgeClick: (_event: React.MouseEvent, edge: ShapeFlowEdge) => {
    if (edge.data) selectEdge(edge.data.edge);
  },
  onPaneClick: selectNothing,
};

function rememberZoom(_event: unknown, { zoom }: Viewport): void {
  if (zoom !== useCanvas.getState().zoom) useCanvas.setState({ zoom });
}

/** `children` lie over the canvas; what is dropped on them is dropped on it. */
export function Canvas({ children }: { children?: ReactNode }) {
  const { nodes, edges, onNodesChange } = useDrawn();
  const flow = useReactFlow<CanvasNode, ShapeFlowEdge>();
  const openingView = useOpeningView();
  const drop = usePaletteDrop();
  const connecting = useConnecting();
  const dragging = useDragging();
  const pans = useHeldSpace();

  return (
    <section
      ref={useCanvasHandle().element}
      className="canvas"
      aria-label="Canvas"
      data-pans={pans}
      onDoubleClick={event => {
        if (!(event.target as Element).classList.contains('react-flow__pane')) return;
        const at = { x: event.clientX, y: event.clientY };
        openQuickAdd({ kind: 'afterSelection' }, at, flow.screenToFlowPosition(at));
      }}
      onPointerMove={({ clientX: x, clientY: y }) => pointerIsAt({ x, y })}
      onPointerLeave={() => pointerIsAt(null)}
      {...drop}
    >
      <ReactFlow
        {...FLOW_OPTIONS}
        {...openingView}
        {...connecting}
        {...dragging}
        {...menus}
        {...clicks}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onNodesChange}
        nodesDraggable={!pans}
        onMove={rememberZoom}
        connectionLineComponent={ConnectionLine}
        onlyRenderVisibleElements={nodes.length > ALL_DRAWN_LIMIT}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} />
        <Guides />
        <EdgeGrips />
        <Overview />
      </ReactFlow>
      <Breadcrumbs />
      <HeatLegend />
      {children}
    </section>
  );
}

function Overview() {
  return (
    <MiniMap<CanvasNode>
      pannable
      zoomable
      ariaLabel="Overview of the network"
      nodeColor={useMinimapColor()}
      nodeClassName={node => `minimap-${node.type}`}
      nodeBorderRadius={8}
      style={MINIMAP}
      maskColor="color-mix(in srgb, var(--bg) 60%, transparent)"
      maskStrokeColor="var(--accent)"
      maskStrokeWidth={1.5}
    />
  );
}

/** A layer's color on the minimap: its heat where an overlay shows some, else its family's hue. */
function useMinimapColor(): (node: CanvasNode) => string {
  const overlay = useOverlay();
  const batch = useDocument(state => state.document.training.batchSize);
  const scope = useScope(state => state.scope);
  const findings = useFindings(({ byNode }) => (overlay === 'health' ? byNode : null));
  const scale = useInference(inference => scaleOf(inference, overlay, batch));
  return useCallback(
    node => {
      if (node.type !== 'layer') return 'var(--line)';
      const { inferred, block } = node.data;
      if (findings) {
        const worst = findings.get(scope + node.id)?.[0];
        return worst ? wellnessColor(worst.wellness) : 'var(--line-strong)';
      }
      if (!scale) return block ? BLOCK_HUE : hueOf(inferred?.kind?.family);
      const share = inferred?.figures && shareOf(overlays[overlay].figure(inferred.figures, batch), scale);
      return share == null ? 'var(--line-strong)' : heatColor(share);
    },
    [overlay, batch, scale, scope, findings],
  );
}

/** What React Flow is to draw, and what it says of it: what was selected, how large a comment is. */
function useDrawn() {
  const graph = useGraph();
  const inference = useInference();
  const selection = useSelection();
  const moving = useCanvas(state => state.moving);
  const [sizes, setSizes] = useState<Readonly<Record<FlowId, Size>>>({});
  const selected = useMemo(
    () =>
      new Set(
        flowIdsOf({
          nodes: [],
          frames: [...selection.frames],
          comments: [...selection.comments],
        }),
      ),
    [selection],
  );
  const picture = usePicture({
    graph,
    inference,
    selected: selection.nodes,
    selectedEdge: selection.edge,
    moving,
  });
  const notes = useNotes({ graph, selected, moving, sizes });
  const nodes = useMemo(
    () => [...notes.frames, ...picture.nodes, ...notes.comments],
    [picture.nodes, notes.frames, notes.comments],
  );

  const onNodesChange = useCallback((changes: NodeChange<CanvasNode>[]) => {
    const measured = changes.flatMap(change =>
      change.type === 'dimensions' && change.dimensions ? [[change.id, change.dimensions]] : [],
    );
    if (measured.length > 0) setSizes(before => ({ ...before, ...Object.fromEntries(measured) }));
    const selects = changes.filter(change => change.type === 'select');
    if (selects.length === 0) return;
    const { nodes, frames, comments } = useSelection.getState();
    const next = new Set(flowIdsOf({ nodes: [...nodes], frames: [...frames], comments: [...comments] }));
    for (const { id, selected } of selects) selected ? next.add(id) : next.delete(id);
    selectItems(itemsOf(next));
  }, []);
  return { nodes, edges: picture.edges, onNodesChange };
}

/** Dropping a layer from the palette; the edge it would go into lights up. */
function usePaletteDrop() {
  const flow = useReactFlow();
  const place = (event: React.DragEvent) => flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
  return {
    onDragOver(event: React.DragEvent) {
      if (event.dataTransfer.types.includes(BLOCK_TYPE)) {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        return;
      }
      if (!event.dataTransfer.types.includes(LAYER_TYPE)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      const edge = edgeAt(graphNow(), place(event));
      useCanvas.setState({ dropEdge: edge ? edgeKey(edge) : null });
    },
    onDragLeave: () => useCanvas.setState({ dropEdge: null }),
    onDrop(event: React.DragEvent) {
      useCanvas.setState({ dropEdge: null });
      const block = event.dataTransfer.getData(BLOCK_TYPE);
      if (block !== '') {
        event.preventDefault();
        dropTravelling(block, place(event));
        return;
      }
      const kind = layerKind(event.dataTransfer.getData(LAYER_TYPE));
      if (!kind) return;
      event.preventDefault();
      dropKind(kind, place(event));
    },
  };
}
