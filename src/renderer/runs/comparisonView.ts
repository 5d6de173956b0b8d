/** Which view of the selected runs is open, above the table. */
import { create } from 'zustand';

export const views = {
  curves: 'Curves',
  coordinates: 'Coordinates',
  scatter: 'Scatter',
  confusion: 'Confusion',
  losses: 'Top losses',
  better: 'Is it better?',
  queue: 'Queue',
} as const;

export type ViewName = keyof typeof views;

export const useView = create<{ view: ViewName }>(() => ({ view: 'curves' }));

export function showView(view: ViewName): void {
  useView.setState({ view });
}
