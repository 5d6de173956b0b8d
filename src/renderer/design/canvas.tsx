/** The canvas: the graph to see and to touch. Draws what flow.ts derives; what hands do is in gestures.ts. */
import {
  Background,
  BackgroundVariant,
  type Connection,
  ConnectionLineType,
  MiniMap,
  type NodeChange,
  type OnConnectEnd,
  ReactFlow,
  useReactFlow,
} from '@xyflow/react';
import { type ReactNode, useCallback, useRef, useState } from 'react';
import type { Edge, NodeId } from '../../engine/graph/document.ts';
import { type Position, refusesEdge } from '../../engine/graph/edits.ts';
import { layerKind } from '../../engine/layers/registry.ts';
import { graphNow, useDocument, useGraph } from '../store/document.ts';
import { useInference } from '../store/inference.ts';
import { edgeKey, selectEdge, selectNodes, selectNothing, useSelection } from '../store/selection.ts';
import { hueOf } from '../ui/families.ts';
import { say } from '../ui/toast.tsx';
import { useCanvas } from './canvasState.ts';
import { edgeAt, type LayerFlowNode, type ShapeFlowEdge, usePicture } from './flow.ts';
import { dropKind, dropNodes, edgeForLoose, wire } from './gestures.ts';
import { LayerNode } from './layerNode.tsx';
import { HeatLegend } from './overlayControls.tsx';
import { heatColor, overlays, scaleOf, shareOf } from './overlays.ts';
import { LAYER_TYPE } from './palette.tsx';
import { openQuickAdd } from './quickAdd.tsx';
import { receiversOf } from './receivers.ts';
import { ShapeEdge } from './shapeEdge.tsx';
import { useOpeningView } from './view.ts';

/** In pixels; React Flow must know them to draw the view's frame. */
const MINIMAP = { width: 112, height: 132 };

/** Up to here all nodes are drawn, so that Tab and screen readers find them; beyond, what is in sight. */
const MANY = 150;

const nodeTypes = { layer: LayerNode };
const edgeTypes = { shape: ShapeEdge };

/** `children` lie over the canvas; what is dropped on them is dropped on it. */
export function Canvas({ children }: { children?: ReactNode }) {
  const graph = useGraph();
  const inference = useInference();
  const selection = useSelection();
  const [dragged, setDragged] = useState<Readonly<Record<NodeId, Position>>>({});
  const picture = usePicture({
    graph,
    inference,
    selected: selection.nodes,
    selectedEdge: selection.edge,
    dragged,
  });
  const flow = useReactFlow<LayerFlowNode, ShapeFlowEdge>();
  const openingView = useOpeningView();
  const drop = usePaletteDrop();
  const connecting = useConnecting();

  const onNodesChange = useCallback((changes: NodeChange<LayerFlowNode>[]) => {
    const moved = changes.filter(change => change.type === 'position' && change.dragging);
    if (moved.length > 0) {
      const places = moved.flatMap(change =>
        change.type === 'position' && change.position ? [[change.id, change.position]] : [],
      );
      setDragged(before => ({ ...before, ...Object.fromEntries(places) }));
    }
    const selects = changes.filter(change => change.type === 'select');
    if (selects.length > 0) {
      const next = new Set(useSelection.getState().nodes);
      for (const { id, selected } of selects) selected ? next.add(id) : next.delete(id);
      selectNodes(next);
    }
  }, []);

  const onDrag = (nodes: readonly LayerFlowNode[]) => {
    const [node, ...others] = nodes;
    const edge = node && others.length === 0 ? edgeForLoose(graph, node.id, node.position) : undefined;
    useCanvas.setState({ dropEdge: edge ? edgeKey(edge) : null });
  };
  const onDragStop = (nodes: readonly LayerFlowNode[]) => {
    useCanvas.setState({ dropEdge: null });
    setDragged({});
    const moved = nodes.filter(({ id, position }) => {
      const at = graph.nodes[id];
      return at && (at.x !== position.x || at.y !== position.y);
    });
    dropNodes(Object.fromEntries(moved.map(({ id, position }) => [id, position])));
  };

  return (
    <section
      className="canvas"
      aria-label="Canvas"
      onDoubleClick={event => {
        if (!(event.target as Element).classList.contains('react-flow__pane')) return;
        const at = { x: event.clientX, y: event.clientY };
        openQuickAdd({ kind: 'afterSelection' }, at, flow.screenToFlowPosition(at));
      }}
      {...drop}
    >
      <ReactFlow
        {...openingView}
        {...connecting}
        nodes={picture.nodes}
        edges={picture.edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onNodesChange}
        onNodeDrag={(_event, _node, nodes) => onDrag(nodes)}
        onNodeDragStop={(_event, _node, nodes) => onDragStop(nodes)}
        onSelectionDragStop={(_event, nodes) => onDragStop(nodes)}
        onEdgeClick={(_event, edge) => edge.data && selectEdge(edge.data.edge)}
        onPaneClick={selectNothing}
        onMove={(_event, { zoom }) => useCanvas.setState({ zoom })}
        connectionLineType={ConnectionLineType.Bezier}
        connectionRadius={28}
        deleteKeyCode={null}
        multiSelectionKeyCode={['Shift', 'Control', 'Meta']}
        disableKeyboardA11y
        zoomOnDoubleClick={false}
        onlyRenderVisibleElements={picture.nodes.length > MANY}
        minZoom={0.1}
        maxZoom={2.5}
        nodeDragThreshold={2}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} />
        <MiniMap<LayerFlowNode>
          pannable
          zoomable
          ariaLabel="Overview of the network"
          nodeColor={useMinimapColor()}
          nodeBorderRadius={8}
          style={MINIMAP}
          maskColor="color-mix(in srgb, var(--bg) 60%, transparent)"
          maskStrokeColor="var(--accent)"
          maskStrokeWidth={1.5}
        />
      </ReactFlow>
      <HeatLegend />
      {children}
    </section>
  );
}

/** A layer's color on the minimap: its heat where an overlay shows some, else its family's hue. */
function useMinimapColor(): (node: LayerFlowNode) => string {
  const overlay = useCanvas(state => state.overlay);
  const batch = useDocument(state => state.document.training.batchSize);
  const scale = useInference(inference => scaleOf(inference, overlay, batch));
  return useCallback(
    ({ data: { inferred } }) => {
      if (!scale) return hueOf(inferred?.kind?.family);
      const share = inferred?.figures && shareOf(overlays[overlay].figure(inferred.figures, batch), scale);
      return share == null ? 'var(--line-strong)' : heatColor(share);
    },
    [overlay, batch, scale],
  );
}

/** Dropping a layer from the palette; the edge it would go into lights up. */
function usePaletteDrop() {
  const flow = useReactFlow();
  const place = (event: React.DragEvent) => flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
  return {
    onDragOver(event: React.DragEvent) {
      if (!event.dataTransfer.types.includes(LAYER_TYPE)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      const edge = edgeAt(graphNow(), place(event));
      useCanvas.setState({ dropEdge: edge ? edgeKey(edge) : null });
    },
    onDragLeave: () => useCanvas.setState({ dropEdge: null }),
    onDrop(event: React.DragEvent) {
      useCanvas.setState({ dropEdge: null });
      const kind = layerKind(event.dataTransfer.getData(LAYER_TYPE));
      if (!kind) return;
      event.preventDefault();
      dropKind(kind, place(event));
    },
  };
}

/** Drawing an edge: ports that can take it light up, a refusal says why, empty space offers new layers. */
function useConnecting() {
  const flow = useReactFlow();
  const from = useRef<NodeId | null>(null);
  const onConnectEnd: OnConnectEnd = (event, state) => {
    useCanvas.setState({ receivers: null });
    const source = from.current;
    from.current = null;
    if (state.isValid || !state.fromNode || !source) return;
    if (state.toNode) {
      if (state.toHandle?.type === 'source') return;
      const input = Number(state.toHandle?.id ?? 0);
      const refusal = refusesEdge(graphNow(), { source, target: state.toNode.id, input });
      if (refusal) say(refusal);
      return;
    }
    const { clientX: x, clientY: y } = 'changedTouches' in event ? event.changedTouches[0]! : event;
    // The layer comes to lie with its input under the pointer.
    const at = flow.screenToFlowPosition({ x, y });
    openQuickAdd({ kind: 'fromNode', source }, { x, y }, { x: at.x - 102, y: at.y });
  };
  return {
    isValidConnection: (connection: Connection | ShapeFlowEdge) =>
      refusesEdge(graphNow(), toEdge(connection)) === undefined,
    onConnectStart: (
      _event: unknown,
      { nodeId, handleType }: { nodeId: NodeId | null; handleType: unknown },
    ) => {
      from.current = handleType === 'source' ? nodeId : null;
      if (from.current) useCanvas.setState({ receivers: receiversOf(graphNow(), from.current) });
    },
    onConnect: (connection: Connection) => wire(toEdge(connection)),
    onConnectEnd,
  };
}

function toEdge({ source, target }: Connection | ShapeFlowEdge): Edge {
  return { source, target, input: 0 };
}
