/** An edge on the canvas, with the shape that flows through it on a pill. The pill opens what can be done to it. */

import { IconPlus, IconX } from '@tabler/icons-react';
import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath, useReactFlow } from '@xyflow/react';
import { memo } from 'react';
import type { Edge } from '../../engine/graph/document.ts';
import type { ShapeFlowEdge } from '../graphView/flow.ts';
import { selectEdge } from '../store/canvasSelection.ts';
import { useInferred } from '../store/documentInference.ts';
import { useDocument } from '../store/openDocument.ts';
import { countRender } from '../ui/renderCounts.ts';
import { useCanvas, useOverlay } from './canvasState.ts';
import { deleteEdge } from './gestures.ts';
import { edgeText, overlays } from './overlays.ts';
import { openQuickAdd } from './quickAdd.tsx';

export const ShapeEdge = memo(function ShapeEdge(props: EdgeProps<ShapeFlowEdge>) {
  countRender('edge');
  const { id, data, selected = false, sourceX, sourceY, targetX, targetY, source, target } = props;
  const isDropTarget = useCanvas(state => state.dropEdge === id);
  const text = useEdgeText(source, data?.text);
  const [path, x, y] = getBezierPath({ ...props, sourceX, sourceY, targetX, targetY });
  if (!data) return null;
  const state = isDropTarget ? 'drop' : data.bad ? 'bad' : selected ? 'selected' : 'plain';
  return (
    <>
      <BaseEdge id={id} path={path} className={`shape-edge ${state}`} interactionWidth={16} />
      <EdgeLabelRenderer>
        <div
          className={`shape-label nodrag nopan ${state}`}
          data-testid={`edge-${source}-${target}`}
          style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        >
          <button type="button" className="shape-text" onClick={() => selectEdge(data.edge)}>
            {text}
          </button>
          {selected && <EdgeTools edge={data.edge} />}
        </div>
      </EdgeLabelRenderer>
    </>
  );
});

/** The shape that flows, or the figure of it that is laid over the canvas. */
function useEdgeText(source: string, shape: string | undefined): string | undefined {
  const overlay = useOverlay();
  const batch = useDocument(state => state.document.training.batchSize);
  const figures = useInferred(source)?.figures;
  return overlays[overlay].onEdges ? edgeText(figures, overlay, batch) : shape;
}

function EdgeTools({ edge }: { edge: Edge }) {
  const flow = useReactFlow();
  return (
    <>
      <button
        type="button"
        aria-label="Insert a layer here"
        title="Insert a layer here"
        onClick={event => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          const at = { x: left, y: bottom + 6 };
          openQuickAdd({ kind: 'onEdge', edge }, at, flow.screenToFlowPosition(at));
        }}
      >
        <IconPlus size={12} />
      </button>
      <button
        type="button"
        aria-label="Delete this edge"
        title="Delete this edge"
        onClick={() => deleteEdge(edge)}
      >
        <IconX size={12} />
      </button>
    </>
  );
}
