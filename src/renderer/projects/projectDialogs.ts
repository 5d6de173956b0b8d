/** Which of the dialogs about projects is open. */
import { create } from 'zustand';

type Dialog = 'new' | 'open';

export const useProjectDialog = create<{ open: Dialog | null }>(() => ({ open: null }));

export function openNewProject(): void {
  useProjectDialog.setState({ open: 'new' });
}

export function openProjects(): void {
  useProjectDialog.setState({ open: 'open' });
}

export function closeProjectDialog(): void {
  useProjectDialog.setState({ open: null });
}
