/** Paints many maps without holding the window up: as many in a frame as fit into its time. */
import { type PaintedPixels, type PaintOptions, paint } from './paint.ts';

/** Milliseconds of a frame that painting may take. */
const PAINTING_MS_PER_FRAME = 8;

const waiting = new Map<HTMLCanvasElement, () => void>();
let scheduled = false;

/** Paints a map in one of the next frames. @returns what takes it back */
export function soon(canvas: HTMLCanvasElement, map: PaintedPixels, options: PaintOptions): () => void {
  waiting.set(canvas, () => paint(canvas, map, options));
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(work);
  }
  return () => waiting.delete(canvas);
}

function work(): void {
  const start = performance.now();
  for (const [canvas, draw] of waiting) {
    waiting.delete(canvas);
    draw();
    if (performance.now() - start > PAINTING_MS_PER_FRAME) break;
  }
  scheduled = waiting.size > 0;
  if (scheduled) requestAnimationFrame(work);
}
