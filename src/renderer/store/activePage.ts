/** Which of the window's places is shown. */
import { create } from 'zustand';

export type PlaceName = 'design' | 'data' | 'train' | 'runs' | 'explain';

export const usePlace = create<{ place: PlaceName }>(() => ({ place: 'design' }));

export function goTo(place: PlaceName): void {
  usePlace.setState({ place });
}
