/** The keys of actions as labels show them: those that a person gave them, where they gave others. */
import { shortcutText } from '../ui/shortcut.ts';
import { keysOf, useBindings } from './bindings.ts';
import { actionById } from './registry.ts';

/** `Ctrl+Z`; undefined where the action has no keys. */
export function useShortcut(action: string): string | undefined {
  useBindings(state => state.changed);
  const [keys] = keysOf(actionById(action));
  return keys && shortcutText(keys);
}

/** `Undo (Ctrl+Z)` */
export function useTitle(text: string, action: string): string {
  const keys = useShortcut(action);
  return keys === undefined ? text : `${text} (${keys})`;
}
