/** The two ends of the selected edge: each can be dragged to another port, or into the void, which deletes the edge. */
import { useReactFlow, ViewportPortal } from '@xyflow/react';
import { useState } from 'react';
import type { Edge, NodeId } from '../../engine/graph/document.ts';
import type { Position } from '../../engine/graph/edits.ts';
import { moveEnd, refusesEnd } from '../../engine/graph/rewire.ts';
import type { EdgeEnd } from '../../engine/graph/wiring.ts';
import { NODE } from '../graphView/flow.ts';
import { edgeKey, selectEdge, selectNothing, useSelection } from '../store/canvasSelection.ts';
import { endGesture } from '../store/openDocument.ts';
import { editGraph, graphNow, useGraph } from '../store/openDrawing.ts';
import { showMessage } from '../ui/toast.tsx';
import { useCanvas } from './canvasState.ts';
import { Refusal } from './dropRefusal.tsx';
import { deleteEdge } from './gestures.ts';
import { placesFor } from './receivers.ts';

interface Pull {
  readonly end: EdgeEnd;
  readonly at: Position;
  readonly refusal: string | undefined;
}

export function EdgeGrips() {
  const graph = useGraph();
  const selected = useSelection(state => state.edge);
  const isStill = useCanvas(state => Object.keys(state.moving).length === 0);
  const edge = selected === null ? undefined : graph.edges.find(other => edgeKey(other) === selected);
  const [source, target] = [graph.nodes[edge?.source ?? ''], graph.nodes[edge?.target ?? '']];
  if (!edge || !source || !target || !isStill) return null;
  const ends = {
    source: { x: source.x + NODE.width / 2, y: source.y + NODE.height },
    target: { x: target.x + NODE.width / 2, y: target.y },
  };
  return (
    <ViewportPortal>
      <Grips key={selected} edge={edge} ends={ends} />
    </ViewportPortal>
  );
}

function Grips({ edge, ends }: { edge: Edge; ends: Readonly<Record<EdgeEnd, Position>> }) {
  const flow = useReactFlow();
  const [pull, setPull] = useState<Pull | null>(null);
  const release = () => {
    setPull(null);
    useCanvas.setState({ lit: null });
  };
  const follow = (event: React.PointerEvent, end: EdgeEnd) => {
    const to = nodeAt(event);
    const refusal = to === undefined ? undefined : refusesEnd(graphNow(), edge, end, to);
    setPull({ end, at: flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }), refusal });
  };
  const drop = (event: React.PointerEvent, end: EdgeEnd) => {
    if (!pull) return;
    release();
    const to = nodeAt(event);
    if (to === undefined) deleteEdge(edge);
    else if (pull.refusal !== undefined) showMessage(pull.refusal);
    else lead(edge, end, to);
  };
  const fixed = pull && ends[pull.end === 'source' ? 'target' : 'source'];
  return (
    <>
      {pull && fixed && (
        <svg className="grip-line" data-bad={pull.refusal !== undefined} aria-hidden="true">
          <path d={`M${fixed.x},${fixed.y} L${pull.at.x},${pull.at.y}`} />
        </svg>
      )}
      {pull?.refusal && <Refusal text={pull.refusal} at={pull.at} />}
      {(['source', 'target'] as const).map(end => {
        const { x, y } = pull?.end === end ? pull.at : ends[end];
        return (
          <i
            key={end}
            className="grip nodrag nopan"
            data-testid={`grip-${end}`}
            title="Drag to another port, or into the void to delete the edge"
            style={{ left: x, top: y }}
            onPointerDown={event => {
              if (event.button !== 0) return;
              event.stopPropagation();
              event.currentTarget.setPointerCapture(event.pointerId);
              useCanvas.setState({ lit: { nodes: placesFor(graphNow(), edge, end), end } });
              follow(event, end);
            }}
            onPointerMove={event => pull && follow(event, end)}
            onPointerUp={event => drop(event, end)}
            onPointerCancel={release}
          />
        );
      })}
    </>
  );
}

/** Leads an end elsewhere, and keeps the edge selected under its new name. */
function lead(edge: Edge, end: EdgeEnd, to: NodeId): void {
  if (edge[end] === to) return;
  endGesture();
  editGraph(graph => moveEnd(graph, edge, end, to));
  const moved = { ...edge, [end]: to };
  const now = graphNow().edges.findLast(
    ({ source, target }) => source === moved.source && target === moved.target,
  );
  now ? selectEdge(now) : selectNothing();
}

/** The node under the pointer, whatever lies over it. */
function nodeAt({ clientX, clientY }: React.PointerEvent): NodeId | undefined {
  const under = document.elementsFromPoint(clientX, clientY);
  const node = under.map(element => element.closest('.react-flow__node-layer')).find(found => found !== null);
  return node?.getAttribute('data-id') ?? undefined;
}
