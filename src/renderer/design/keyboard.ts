/** The canvas's shortcuts: what hands already know from other editors. None fires while a person types. */
import { useReactFlow } from '@xyflow/react';
import { useEffect } from 'react';
import type { NodeId } from '../../engine/graph/document.ts';
import { selectNodes, selectNothing, useSelection } from '../store/selection.ts';
import { isTyping, shortcutOf } from '../ui/shortcut.ts';
import {
  copySelection,
  cutSelection,
  type Direction,
  deleteSelection,
  duplicateSelection,
  neighbour,
  pasteClipboard,
  selectAll,
} from './gestures.ts';
import { openQuickAdd } from './quickAdd.tsx';
import { showNode } from './showNode.ts';
import { fitAll, motion } from './view.ts';

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

type Flow = ReturnType<typeof useReactFlow>;

const ACTIONS: Readonly<Record<string, (flow: Flow) => void>> = {
  Delete: () => deleteSelection(true),
  Backspace: () => deleteSelection(true),
  'Shift+Delete': () => deleteSelection(false),
  'Shift+Backspace': () => deleteSelection(false),
  'Ctrl+C': copySelection,
  'Ctrl+X': cutSelection,
  'Ctrl+V': pasteClipboard,
  'Ctrl+D': duplicateSelection,
  'Ctrl+A': selectAll,
  Escape: selectNothing,
  F: fitAll,
  '.': fitAll,
  '0': fitAll,
  '1': flow => void flow.zoomTo(1, { duration: motion() }),
  '+': flow => void flow.zoomIn({ duration: motion() }),
  '-': flow => void flow.zoomOut({ duration: motion() }),
  'Shift+A': search,
  F2: () => document.querySelector<HTMLInputElement>('#node-name')?.focus(),
};

export function useCanvasKeys(): void {
  const flow = useReactFlow();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event) || document.querySelector('[role="dialog"]')) return;
      const shortcut = shortcutOf(event);
      const focused = nodeUnder(event);
      const direction = ARROWS[shortcut];
      if (direction && isOnCanvas(event)) walk(focused, direction);
      else if (shortcut === 'Tab' && isOnCanvas(event)) search(flow);
      else if (focused && (shortcut === 'Enter' || shortcut === 'Space')) selectNodes([focused]);
      else if (ACTIONS[shortcut]) ACTIONS[shortcut](flow);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [flow]);
}

/** The node that has the focus. */
function nodeUnder(event: KeyboardEvent): NodeId | undefined {
  const node = (event.target as Element | null)?.closest?.('.react-flow__node');
  return node?.getAttribute('data-id') ?? undefined;
}

function search(flow: Flow): void {
  const canvas = document.querySelector('.canvas')?.getBoundingClientRect() ?? new DOMRect();
  const at = { x: canvas.x + canvas.width / 2 - 164, y: canvas.y + 96 };
  openQuickAdd({ kind: 'afterSelection' }, at, flow.screenToFlowPosition(at));
}

function walk(from: NodeId | undefined, direction: Direction): void {
  const next = neighbour(from ?? [...useSelection.getState().nodes].at(-1), direction);
  if (next !== undefined) showNode(next);
}

/** Whether the key was pressed on the canvas, or nowhere in particular: elsewhere arrows and Tab mean focus. */
function isOnCanvas(event: KeyboardEvent): boolean {
  const target = event.target as Element | null;
  return target === document.body || target?.closest?.('.react-flow') != null;
}
