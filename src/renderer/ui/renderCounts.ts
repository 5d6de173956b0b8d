/**
 * Counts how often parts of the window are drawn, for a test that asks: it puts an empty `renderCounts` on the
 * window and reads it. Without one, nothing is counted.
 */
declare global {
  interface Window {
    renderCounts?: Record<string, number>;
  }
}

export function countRender(what: string): void {
  const counts = window.renderCounts;
  if (counts) counts[what] = (counts[what] ?? 0) + 1;
}
