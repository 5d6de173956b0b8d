/** Why what is being dragged cannot be dropped here, beside the pointer; within the canvas, however near its edge. */
import { createPortal } from 'react-dom';
import type { Position } from '../../engine/graph/edits.ts';
import { useCanvasHandle } from './canvasHandle.tsx';

/** As wide as the longest sentence in two lines. */
const REFUSAL_WIDTH = 240;

export function Refusal({ text, at }: { text: string; at: Position }) {
  const { flow, bounds } = useCanvasHandle();
  const { x, y } = flow.flowToScreenPosition({ x: at.x, y: at.y });
  const { right } = bounds();
  const left = x + 14 + REFUSAL_WIDTH > right ? x - 14 - REFUSAL_WIDTH : x + 14;
  return createPortal(
    <p className="refusal" style={{ left, top: y + 12, width: REFUSAL_WIDTH }}>
      {text}
    </p>,
    document.body,
  );
}
