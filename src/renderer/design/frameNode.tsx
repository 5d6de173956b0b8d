/** A frame on the canvas: a titled rectangle behind nodes. Its title moves it, with what lies in it. */
import { type NodeProps, NodeResizer } from '@xyflow/react';
import { memo, useRef } from 'react';
import { changeFrame } from '../../engine/graph/canvasFrames.ts';
import { endGesture } from '../store/openDocument.ts';
import { editGraph } from '../store/openDrawing.ts';
import { useCanvas } from './canvasState.ts';
import { framing } from './gestures.ts';
import type { FrameFlowNode } from './noteFlow.ts';

export const FrameNode = memo(function FrameNode({ id, data, selected }: NodeProps<FrameFlowNode>) {
  const isEditing = useCanvas(state => state.editing === id);
  const { title } = data.frame;
  return (
    <>
      <NodeResizer
        isVisible={selected === true}
        minWidth={80}
        minHeight={60}
        handleClassName="frame-corner"
        lineClassName="frame-side"
        onResize={(_event, place) => useCanvas.setState({ moving: { [id]: place } })}
        onResizeEnd={(_event, { x, y, width, height }) => {
          useCanvas.setState({ moving: {} });
          const rect = { x: Math.round(x), y: Math.round(y) };
          const size = { width: Math.round(width), height: Math.round(height) };
          editGraph(graph => changeFrame(graph, data.id, { ...rect, ...size }));
        }}
      />
      <div className="frame">
        {isEditing ? (
          <TitleInput id={data.id} title={title} />
        ) : (
          // biome-ignore lint/a11y/noStaticElementInteractions: F2 and the menu rename it as well
          <div
            className="frame-title truncate"
            title="Drag to move the frame and what lies in it; double-click to rename it"
            onDoubleClick={() => useCanvas.setState({ editing: id })}
          >
            {title || 'Frame'}
          </div>
        )}
      </div>
    </>
  );
});

function TitleInput({ id, title }: { id: string; title: string }) {
  const isClosed = useRef(false);
  const close = (given: string) => {
    if (isClosed.current) return;
    isClosed.current = true;
    useCanvas.setState({ editing: null });
    if (given !== title) editGraph(graph => changeFrame(graph, id, { title: given }), framing(id));
    endGesture();
  };
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it was asked for
      autoFocus
      className="input frame-title nodrag"
      aria-label="Title of the frame"
      maxLength={200}
      defaultValue={title}
      onFocus={event => event.target.select()}
      onBlur={event => close(event.target.value.trim())}
      onKeyDown={event => {
        if (event.key === 'Enter') close(event.currentTarget.value.trim());
        if (event.key === 'Escape') close(title);
      }}
    />
  );
}
