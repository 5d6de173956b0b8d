/** Keys as people write them: `Ctrl+Shift+Z`. Command on a Mac counts as Ctrl. */

export function shortcutOf(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const modifiers = [
    (event.ctrlKey || event.metaKey) && 'Ctrl',
    event.altKey && 'Alt',
    // A sign that needs Shift says so itself: `+`, `?`.
    event.shiftKey && (key.length > 1 || /[A-Z]/.test(key)) && 'Shift',
  ];
  return [...modifiers.filter(Boolean), key].join('+');
}

/** Whether the keys, or what is pasted, go into a field: then no shortcut fires. */
export function isTyping(event: Event): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)))
  );
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

/** Keys as they are shown: arrows as arrows. */
export function shortcutText(keys: string): string {
  return keys.replace(/[A-Za-z]+$/, key => SIGNS[key] ?? key);
}
