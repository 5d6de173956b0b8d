/** Which of the window's places is shown. */
import { create } from 'zustand';

/** By its name, as it was contributed (places.ts). */
export const useActivePage = create<{ place: string }>(() => ({ place: 'design' }));

export function goTo(place: string): void {
  useActivePage.setState({ place });
}
