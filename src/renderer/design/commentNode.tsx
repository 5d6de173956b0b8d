/** A comment on the canvas: a note that is written where it stands. One left without a word is none. */
import type { NodeProps } from '@xyflow/react';
import { memo, useRef } from 'react';
import { changeComment } from '../../engine/graph/canvasFrames.ts';
import { NO_ITEMS, removeItems } from '../../engine/graph/canvasItems.ts';
import { dropGesture, endGesture } from '../store/openDocument.ts';
import { editGraph } from '../store/openDrawing.ts';
import { useCanvas } from './canvasState.ts';
import { writing } from './gestures.ts';
import type { CommentFlowNode } from './noteFlow.ts';

export const CommentNode = memo(function CommentNode({ id, data }: NodeProps<CommentFlowNode>) {
  const isEditing = useCanvas(state => state.editing === id);
  if (isEditing) return <TextArea id={data.id} text={data.comment.text} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: F2 and the menu edit it as well
    <div className="comment" onDoubleClick={() => useCanvas.setState({ editing: id })}>
      {data.comment.text}
    </div>
  );
});

function TextArea({ id, text }: { id: string; text: string }) {
  const isClosed = useRef(false);
  const close = (value: string) => {
    if (isClosed.current) return;
    isClosed.current = true;
    useCanvas.setState({ editing: null });
    if (value !== '') {
      if (value !== text) editGraph(graph => changeComment(graph, id, { text: value }), writing(id));
      endGesture();
    } else if (text === '') dropGesture(writing(id));
    else editGraph(graph => removeItems(graph, { ...NO_ITEMS, comments: [id] }));
  };
  return (
    <textarea
      // biome-ignore lint/a11y/noAutofocus: it was asked for
      autoFocus
      className="comment comment-text nodrag nowheel"
      aria-label="Text of the comment"
      maxLength={10_000}
      rows={Math.max(2, text.split('\n').length)}
      defaultValue={text}
      onFocus={event => event.target.select()}
      onBlur={event => close(event.target.value.trim())}
      onKeyDown={event => {
        if (event.key === 'Escape') close(text);
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
          close(event.currentTarget.value.trim());
      }}
    />
  );
}
