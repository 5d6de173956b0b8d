/** The canvas, for whoever stands beside it: where it lies on the screen, how it is looked at, and what has the focus. */
import { type ReactFlowInstance, useReactFlow } from '@xyflow/react';
import { createContext, type ReactNode, type RefObject, useContext, useEffect, useMemo, useRef } from 'react';
import type { NodeId } from '../../engine/graph/document.ts';
import type { Position } from '../../engine/graph/edits.ts';

export interface CanvasHandle {
  readonly flow: ReactFlowInstance;
  /** The canvas itself. */
  readonly element: RefObject<HTMLElement | null>;
  /** The field with the name of the selected node, while the inspector has one. */
  readonly nameField: RefObject<HTMLInputElement | null>;
  /** Of the screen; empty while the canvas is not drawn. */
  bounds(): DOMRect;
  /** Of the screen. */
  middle(): Position;
  /** A node that is not drawn, since it is out of sight, gets no focus. */
  focusNode(id: NodeId): void;
}

const CanvasContext = createContext<CanvasHandle | null>(null);

/** For actions, which stand in no component. */
let shown: CanvasHandle | null = null;

/** The canvas that is shown; null while another place is. */
export const shownCanvas = (): CanvasHandle | null => shown;

/** @throws TypeError outside of a CanvasProvider */
export function useCanvasHandle(): CanvasHandle {
  const handle = useContext(CanvasContext);
  if (!handle) throw new TypeError('a part of the canvas was drawn outside of a CanvasProvider');
  return handle;
}

/** Stands around the canvas and what belongs to it, within React Flow's provider. */
export function CanvasProvider({ children }: { children: ReactNode }) {
  const flow = useReactFlow();
  const element = useRef<HTMLElement>(null);
  const nameField = useRef<HTMLInputElement>(null);
  const handle = useMemo((): CanvasHandle => {
    const bounds = () => element.current?.getBoundingClientRect() ?? new DOMRect();
    return {
      flow,
      element,
      nameField,
      bounds,
      middle: () => {
        const { x, y, width, height } = bounds();
        return { x: x + width / 2, y: y + height / 2 };
      },
      focusNode: id => {
        const node = element.current?.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
        if (node instanceof HTMLElement) node.focus({ preventScroll: true });
      },
    };
  }, [flow]);
  useEffect(() => {
    shown = handle;
    return () => {
      shown = null;
    };
  }, [handle]);
  return <CanvasContext value={handle}>{children}</CanvasContext>;
}
