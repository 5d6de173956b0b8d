/** Frames and comments as React Flow draws them. What did not change stays the same object, as in flow.ts. */
import type { Node as FlowNodeOf } from '@xyflow/react';
import { useMemo } from 'react';
import type { Comment, Frame, Graph } from '../../engine/graph/document.ts';
import { COMMENT_SIZE } from '../../engine/graph/rect.ts';
import { commentFlowId, type FlowId, frameFlowId, type Placed } from '../graphView/flowId.ts';
import { sharingWithLast } from '../store/keepingLast.ts';

export type FrameFlowNode = FlowNodeOf<{ id: string; frame: Frame }, 'frame'>;
export type CommentFlowNode = FlowNodeOf<{ id: string; comment: Comment }, 'comment'>;
export type NoteFlowNode = FrameFlowNode | CommentFlowNode;

export interface Size {
  readonly width: number;
  readonly height: number;
}

interface NoteFlowInputs {
  graph: Graph;
  selected: ReadonlySet<FlowId>;
  moving: Readonly<Record<FlowId, Placed>>;
  /** How large comments turned out to be. */
  sizes: Readonly<Record<FlowId, Size>>;
}

interface Notes {
  readonly frames: readonly FrameFlowNode[];
  readonly comments: readonly CommentFlowNode[];
}

const notesOf = sharingWithLast<NoteFlowInputs, Notes>(
  (subject, before) => {
    const { frames, comments } = draw(subject);
    return {
      frames: sharing(before.frames, frames),
      comments: sharing(before.comments, comments),
    };
  },
  { frames: [], comments: [] },
);

export function useNotes({ graph, selected, moving, sizes }: NoteFlowInputs): Notes {
  return useMemo(() => notesOf({ graph, selected, moving, sizes }), [graph, selected, moving, sizes]);
}

/** The new ones, with the old in place of those that did not change: all of them, if none did. */
function sharing<T extends NoteFlowNode>(before: readonly T[], now: readonly T[]): readonly T[] {
  const old = new Map(before.map(node => [node.id, node]));
  const shared = now.map(node => {
    const former = old.get(node.id);
    return former && isSame(former, node) ? former : node;
  });
  return shared.length === before.length && shared.every((node, i) => node === before[i]) ? before : shared;
}

function draw({ graph: { frames = {}, comments = {} }, selected, moving, sizes }: NoteFlowInputs): Notes {
  const framed = Object.entries(frames).map(([id, frame]): FrameFlowNode => {
    const flowId = frameFlowId(id);
    const { x, y, width = frame.width, height = frame.height } = moving[flowId] ?? frame;
    return {
      id: flowId,
      type: 'frame',
      position: { x, y },
      width,
      height,
      measured: { width, height },
      selected: selected.has(flowId),
      dragging: flowId in moving,
      // The canvas is seen and touched through it; its title and its corners take the pointer.
      style: { pointerEvents: 'none' },
      dragHandle: '.frame-title',
      zIndex: -1,
      data: { id, frame },
      ariaLabel: `Frame ${frame.title || 'without a title'}`,
    };
  });
  const noted = Object.entries(comments).map(([id, comment]): CommentFlowNode => {
    const flowId = commentFlowId(id);
    const { x, y } = moving[flowId] ?? comment;
    const size = sizes[flowId];
    return {
      id: flowId,
      type: 'comment',
      position: { x, y },
      width: COMMENT_SIZE.width,
      initialHeight: COMMENT_SIZE.height,
      ...(size && { measured: size }),
      selected: selected.has(flowId),
      dragging: flowId in moving,
      zIndex: selected.has(flowId) ? 10 : 1,
      data: { id, comment },
      ariaLabel: `Comment ${comment.text}`,
    };
  });
  return { frames: framed, comments: noted };
}

function isSame(a: NoteFlowNode, b: NoteFlowNode): boolean {
  const content = (node: NoteFlowNode) => (node.type === 'frame' ? node.data.frame : node.data.comment);
  return (
    content(a) === content(b) &&
    a.position.x === b.position.x &&
    a.position.y === b.position.y &&
    a.width === b.width &&
    a.height === b.height &&
    a.measured?.height === b.measured?.height &&
    a.selected === b.selected &&
    a.dragging === b.dragging
  );
}
