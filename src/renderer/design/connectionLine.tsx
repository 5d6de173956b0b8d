/** The edge that is being drawn, and over a port that cannot take it, why not. */
import { type ConnectionLineComponentProps, getBezierPath } from '@xyflow/react';
import { refusesEdge } from '../../engine/graph/edits.ts';
import { graphNow } from '../store/scope.ts';

/** Wide and high enough for the longest refusal in two lines. */
const BOX = { width: 240, height: 60 };

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
      {refusal && (
        <foreignObject x={toX + 14} y={toY + 10} {...BOX} style={{ overflow: 'visible' }}>
          <p className="refusal">{refusal}</p>
        </foreignObject>
      )}
    </g>
  );
}
