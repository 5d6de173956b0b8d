/** Which of the window's places is shown. */
import { create } from 'zustand';

export type PlaceName = 'design' | 'data' | 'train' | 'runs' | 'explain';

export const useActivePage = create<{ place: PlaceName }>(() => ({ place: 'design' }));

export function goTo(place: PlaceName): void {
  useActivePage.setState({ place });
}
