/** What is being imported from this window, and which folder is asked about; importing itself is the Data place's. */
import { create } from 'zustand';
import type { Id } from '../../bridge/ids.ts';
import { host } from './currentHost.ts';

/** A folder that is about to be imported; the dialog asks what is still missing. */
interface ImportDialog {
  /** Null: still to be picked in the window. */
  path: string | null;
}

/** Files on their way to the studio. */
export interface Upload {
  key: number;
  name: string;
  done: number;
  total: number;
  startedAt: number;
}

interface ImportState {
  dialog: ImportDialog | null;
  uploads: readonly Upload[];
  /** Failed and cancelled jobs that were read and put away. */
  dismissed: ReadonlySet<Id>;
  /** The dataset that an import of this window brought last. */
  arrived: Id | null;
}

export const useImports = create<ImportState>(() => ({
  dialog: null,
  uploads: [],
  dismissed: new Set(),
  arrived: null,
}));

/**
 * Opens the system's dialog where the host has one, else the picker in the window. Rejects where the host's does not
 * open.
 */
export async function chooseFolder(): Promise<void> {
  const pick = host().pickFolder;
  if (!pick) return useImports.setState({ dialog: { path: null } });
  const path = await pick();
  if (path !== undefined) useImports.setState({ dialog: { path } });
}
