/** The window's one ear for keys: finds the action that they stand for, in this place, at this moment. */
import { useEffect } from 'react';
import { useActivePage } from '../store/activePage.ts';
import { isTyping, shortcutOf } from '../ui/shortcut.ts';
import type { Action } from './action.ts';
import { actionsWith, isPossible } from './registry.ts';

/** What the browser does on these keys goes to the canvas (clipboard.ts), unless they mean something else. */
const BROWSERS_OWN: ReadonlySet<string> = new Set(['Ctrl+C', 'Ctrl+X', 'Ctrl+V', 'Ctrl+Shift+V']);

export function useActionKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const keys = shortcutOf(event);
      const action = actionsWith(keys).find(each => countsHere(each, event) && isPossible(each));
      if (action?.browser?.keys === keys) return action.browser.prepare?.();
      if (!action) {
        if (BROWSERS_OWN.has(keys) && isFreed(event)) event.preventDefault();
        return;
      }
      event.preventDefault();
      void action.run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function countsHere({ scope, whileTyping }: Action, event: KeyboardEvent): boolean {
  if (isTyping(event) && !whileTyping) return false;
  if (scope === 'window') return true;
  if (document.querySelector('[role="dialog"], [role="menu"]')) return false;
  return scope === 'design' || isOnCanvas(event);
}

/** Whether the key was pressed on the canvas, or nowhere in particular. */
function isOnCanvas(event: KeyboardEvent): boolean {
  const target = event.target as Element | null;
  return target === document.body || target?.closest?.('.react-flow') != null;
}

/** On the canvas, clipboard keys that a person took from their actions do nothing; text elsewhere can be copied. */
function isFreed(event: KeyboardEvent): boolean {
  const hasText = document.getSelection()?.isCollapsed === false;
  return useActivePage.getState().place === 'design' && !isTyping(event) && !hasText;
}
