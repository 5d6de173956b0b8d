/** Drawing an edge by hand: what lights up, what is refused and why, and what a drop into the empty offers. */
import { type Connection, type OnConnectEnd, useReactFlow } from '@xyflow/react';
import { useRef } from 'react';
import type { Edge, NodeId } from '../../engine/graph/document.ts';
import { refusesEdge } from '../../engine/graph/edits.ts';
import { NODE, type ShapeFlowEdge } from '../graphView/flow.ts';
import { graphNow } from '../store/openDrawing.ts';
import { showMessage } from '../ui/toast.tsx';
import { useCanvas } from './canvasState.ts';
import { sourcesOf, wire } from './gestures.ts';
import { openQuickAdd } from './quickAdd.tsx';
import { feedersOf, receiversOf } from './receivers.ts';

/** What the canvas does while React Flow lets a hand draw an edge. */
export function useConnecting() {
  const flow = useReactFlow();
  const from = useRef<NodeId | null>(null);
  const onConnectEnd: OnConnectEnd = (event, state) => {
    useCanvas.setState({ lit: null });
    const source = from.current;
    from.current = null;
    if (state.isValid || !state.fromNode) return;
    if (state.toNode) {
      const [start, end] = [state.fromNode.id, state.toNode.id];
      const [first, last] = state.fromHandle?.type === 'source' ? [start, end] : [end, start];
      const refusal = refusesEdge(graphNow(), { source: first, target: last, input: 0 });
      if (refusal) showMessage(refusal);
      return;
    }
    if (source === null) return;
    const { clientX: x, clientY: y } = 'changedTouches' in event ? event.changedTouches[0]! : event;
    // The layer comes to lie with its input under the pointer.
    const at = flow.screenToFlowPosition({ x, y });
    openQuickAdd(
      { kind: 'fromNodes', sources: sourcesOf(source) },
      { x, y },
      { x: at.x - NODE.width / 2, y: at.y },
    );
  };
  return {
    isValidConnection: (connection: Connection | ShapeFlowEdge) =>
      refusesEdge(graphNow(), toEdge(connection)) === undefined,
    onConnectStart: (
      _event: unknown,
      { nodeId, handleType }: { nodeId: NodeId | null; handleType: unknown },
    ) => {
      if (nodeId === null) return;
      from.current = handleType === 'source' ? nodeId : null;
      useCanvas.setState({
        lit:
          handleType === 'source'
            ? { nodes: receiversOf(graphNow(), nodeId), end: 'target' }
            : { nodes: feedersOf(graphNow(), nodeId), end: 'source' },
      });
    },
    onConnect: (connection: Connection) => wire(toEdge(connection), sourcesOf(connection.source)),
    onConnectEnd,
  };
}

function toEdge({ source, target }: Connection | ShapeFlowEdge): Edge {
  return { source, target, input: 0 };
}
