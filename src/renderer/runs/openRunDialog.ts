/** Which dialog of the Runs place is open. */
import { create } from 'zustand';
import type { Id } from '../../bridge/ids.ts';

export type RunDialogName = 'sweep' | 'extend' | 'fineTune' | 'notes' | 'export';

interface RunDialogState {
  open: RunDialogName | null;
  /** The run that it is about, where it is about one. */
  run: Id | null;
}

export const useRunDialog = create<RunDialogState>(() => ({ open: null, run: null }));

export function openRunDialog(open: RunDialogName, run: Id | null = null): void {
  useRunDialog.setState({ open, run });
}

export function closeRunDialog(): void {
  useRunDialog.setState({ open: null, run: null });
}
