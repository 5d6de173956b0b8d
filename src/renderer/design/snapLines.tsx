/** The lines that show what a dragged thing is in line with. */
import { ViewportPortal } from '@xyflow/react';
import { useCanvas } from './canvasState.ts';

export function Guides() {
  const guides = useCanvas(state => state.guides);
  const zoom = useCanvas(state => state.zoom);
  if (guides.length === 0) return null;
  const thick = 1 / zoom;
  return (
    <ViewportPortal>
      {guides.map(({ axis, at, from, to }) => (
        <i
          key={axis}
          className="guide"
          data-testid={`guide-${axis}`}
          style={
            axis === 'x'
              ? { left: at - thick / 2, top: from, width: thick, height: to - from }
              : { left: from, top: at - thick / 2, width: to - from, height: thick }
          }
        />
      ))}
    </ViewportPortal>
  );
}
