/** The window's one ear for keys: finds the action that they stand for, in this place, at this moment. */
import { useEffect } from 'react';
import { useActivePage } from '../store/activePage.ts';
import { isTyping, shortcutOf } from '../ui/shortcut.ts';
import type { Action } from './action.ts';
import { actions, actionsWith, isPossible } from './registry.ts';

export function useActionKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const keys = shortcutOf(event);
      const action = actionsWith(keys).find(each => countsHere(each, event) && isPossible(each));
      if (action?.browser?.keys === keys) return action.browser.prepare?.();
      if (!action) {
        if (isFreed(keys, event)) event.preventDefault();
        return;
      }
      event.preventDefault();
      void action.run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function countsHere({ place, onCanvas, whileTyping }: Action, event: KeyboardEvent): boolean {
  if (isTyping(event) && !whileTyping) return false;
  if (place === undefined) return true;
  if (document.querySelector('[role="dialog"], [role="menu"]')) return false;
  return !onCanvas || isOnCanvas(event);
}

/** Whether the key was pressed on the canvas, or nowhere in particular. */
function isOnCanvas(event: KeyboardEvent): boolean {
  const target = event.target as Element | null;
  return target === document.body || target?.closest?.('.react-flow') != null;
}

/**
 * Whether the browser would do something on these keys that this place has an action for, and a person took them from
 * the action: then they do nothing. Text elsewhere can be copied.
 */
function isFreed(keys: string, event: KeyboardEvent): boolean {
  const { place: shown } = useActivePage.getState();
  const hasText = document.getSelection()?.isCollapsed === false;
  return (
    !isTyping(event) &&
    !hasText &&
    actions().some(({ browser, place }) => browser?.keys === keys && place === shown)
  );
}
