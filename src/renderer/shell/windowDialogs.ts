/** Which of the window's own dialogs is open; apart from them, so that actions can open what lists actions. */
import { create } from 'zustand';

type DialogName = 'commands' | 'shortcuts';

const useDialog = create<{ opened: DialogName | null }>(() => ({ opened: null }));

export function useIsOpen(name: DialogName): boolean {
  return useDialog(state => state.opened === name);
}

export function openCommands(): void {
  useDialog.setState({ opened: 'commands' });
}

export function openShortcuts(): void {
  useDialog.setState({ opened: 'shortcuts' });
}

export function closeDialog(): void {
  useDialog.setState({ opened: null });
}
