/** The edge that is being drawn, and over a port that cannot take it, why not. */
import { type ConnectionLineComponentProps, getBezierPath } from '@xyflow/react';
import { refusesEdge } from '../../engine/graph/edits.ts';
import { graphNow } from '../store/openDrawing.ts';
import { Refusal } from './dropRefusal.tsx';

export function ConnectionLine(props: ConnectionLineComponentProps) {
  const { fromX, fromY, toX, toY, fromPosition, toPosition, fromNode, fromHandle, toNode } = props;
  const [path] = getBezierPath({
    sourceX: fromX,
    sourceY: fromY,
    sourcePosition: fromPosition,
    targetX: toX,
    targetY: toY,
    targetPosition: toPosition,
  });
  const [source, target] = fromHandle.type === 'source' ? [fromNode, toNode] : [toNode, fromNode];
  const refusal =
    source && target
      ? refusesEdge(graphNow(), { source: source.id, target: target.id, input: 0 })
      : undefined;
  return (
    <g>
      <path className="connection-line" data-bad={refusal !== undefined} d={path} />
      {refusal && <Refusal text={refusal} at={{ x: toX, y: toY }} />}
    </g>
  );
}
