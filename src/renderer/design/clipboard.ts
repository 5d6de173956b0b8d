/**
 * The clipboard: what is copied is text, in the system's own clipboard, so that it can be pasted into another
 * project, another window or a text editor, and back. The browser's own copy, cut and paste events carry it, which
 * need no permission; a menu has to ask for one.
 */
import { useEffect } from 'react';
import { looksLikeNetworkCode, readPastedCode } from '../../engine/formats/sequentialText.ts';
import { allItems, countOf, rectsOf, withContents } from '../../engine/graph/canvasItems.ts';
import { type Clip, clipText, pasteClip, readClip, takeClip } from '../../engine/graph/clipboardText.ts';
import { boundsOf } from '../../engine/graph/rect.ts';
import { reveal } from '../graphView/showNode.ts';
import { selectedItems, selectItems } from '../store/canvasSelection.ts';
import { editGraph, graphNow } from '../store/openDrawing.ts';
import { isTyping } from '../ui/shortcut.ts';
import { showMessage } from '../ui/toast.tsx';
import { pointerOnCanvas } from './canvasView.ts';
import { deleteSelection, freePlace } from './gestures.ts';
import { addPasted, imageAtHand } from './pasting.ts';

/** The selection as text; undefined where nothing is selected. */
function selectionText(): string | undefined {
  const items = withContents(graphNow(), selectedItems());
  return countOf(items) > 0 ? clipText(takeClip(graphNow(), items)) : undefined;
}

/** Whether the next paste event keeps connections: the event itself does not say which keys were pressed. */
let keepsNext = false;

export function pasteKeepingEdgesNext(): void {
  keepsNext = true;
}

/** Listens to the browser's events while the canvas is shown. A text that is selected or edited is left alone. */
export function useClipboard(): void {
  useEffect(() => {
    const isElsewhere = (event: Event) =>
      isTyping(event) || document.querySelector('[role="dialog"]') !== null;
    const onCopy = (event: ClipboardEvent) => {
      const hasText = document.getSelection()?.isCollapsed === false;
      const text = isElsewhere(event) || hasText ? undefined : selectionText();
      if (text === undefined) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      if (event.type === 'cut') deleteSelection(true);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isElsewhere(event)) return;
      event.preventDefault();
      const keepsEdges = keepsNext;
      keepsNext = false;
      pasteText(event.clipboardData?.getData('text/plain') ?? '', keepsEdges);
    };
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCopy);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCopy);
      document.removeEventListener('paste', onPaste);
    };
  }, []);
}

/** Copies without the browser's own event: from a menu, or by keys of one's own. */
export async function copySelection(): Promise<void> {
  const text = selectionText();
  if (text !== undefined) await writeClipboard(text, 'Ctrl+C');
}

export async function cutSelection(): Promise<void> {
  const text = selectionText();
  if (text !== undefined && (await writeClipboard(text, 'Ctrl+X'))) deleteSelection(true);
}

/** Whether the text is there now. */
async function writeClipboard(text: string, keys: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    showMessage(`This window may not write to the clipboard from a menu. Press ${keys} instead.`);
    return false;
  }
}

export async function pasteFromMenu(keepsEdges: boolean): Promise<void> {
  let text: string;
  try {
    text = await navigator.clipboard.readText();
  } catch {
    showMessage(
      `This window may not read the clipboard from a menu. Press ${keepsEdges ? 'Ctrl+Shift+V' : 'Ctrl+V'} instead.`,
    );
    return;
  }
  pasteText(text, keepsEdges);
}

/** Puts what a text says on the canvas, or says why it cannot. */
function pasteText(text: string, keepsEdges: boolean): void {
  const clip = readClip(text);
  if (clip === null && looksLikeNetworkCode(text)) pasteCode(text);
  else if (clip === null) {
    showMessage(
      text.trim() === ''
        ? 'The clipboard holds no text, so there is nothing to paste.'
        : 'What was pasted is no part of a network: neither layers that were copied here nor a project file, nor PyTorch code.',
    );
  } else if ('refusal' in clip) showMessage(clip.refusal);
  else putClip(clip, keepsEdges);
}

function pasteCode(text: string): void {
  const pasted = readPastedCode(text, imageAtHand());
  if ('error' in pasted) {
    const { message, place } = pasted.error;
    showMessage(`Line ${place.line}, column ${place.column}: ${message}`);
    return;
  }
  addPasted(pasted.graph);
  const [note] = pasted.notes;
  if (note) showMessage(`Line ${note.place.line}: ${note.message}`);
}

/** Puts a clip under the pointer, else where it was taken; beside what is there already. */
function putClip(clip: Clip, keepsEdges = false): void {
  const rects = rectsOf(clip.graph, allItems(clip.graph));
  const bounds = boundsOf(rects);
  if (!bounds) {
    showMessage('What was pasted holds no layers.');
    return;
  }
  const at = pointerOnCanvas();
  const middle = { x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2 };
  const wanted = at ? { x: Math.round(at.x - middle.x), y: Math.round(at.y - middle.y) } : { x: 0, y: 0 };
  const { graph, items } = pasteClip(graphNow(), clip, { by: freePlace(rects, wanted), keepsEdges });
  editGraph(() => graph);
  selectItems(items);
  reveal(items.nodes[0] ?? null);
}
