/** Whether the code panel is open, how high it is and what it shows: kept by this browser from visit to visit. */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { goTo, useActivePage } from '../../store/activePage.ts';

export type CodeTab = 'pytorch' | 'keras' | 'paste';

interface CodePanelState {
  isOpen: boolean;
  /** In pixels. */
  height: number;
  tab: CodeTab;
}

export const LOWEST_PANEL = 120;

export const useCodePanel = create<CodePanelState>()(
  persist<CodePanelState>(() => ({ isOpen: false, height: 248, tab: 'pytorch' }), {
    name: 'receptive.code-panel',
    version: 1,
  }),
);

/** Opens the panel where it is closed or out of sight; else closes it. */
export function toggleCode(): void {
  const isInSight = useActivePage.getState().place === 'design' && useCodePanel.getState().isOpen;
  goTo('design');
  useCodePanel.setState({ isOpen: !isInSight });
}

export function openCode(tab: CodeTab): void {
  goTo('design');
  useCodePanel.setState({ isOpen: true, tab });
}

export function closeCode(): void {
  useCodePanel.setState({ isOpen: false });
}

export function resizeCode(height: number, highest: number): void {
  useCodePanel.setState({ height: Math.round(Math.max(LOWEST_PANEL, Math.min(height, highest))) });
}
