/** Maps coordinates of a file to those of the dataset's resized image. */
import type { DatasetImage, Preparation } from '../../../../bridge/datasetCalls.ts';

export interface PixelExtent {
  width: number;
  height: number;
}

export type Box = NonNullable<DatasetImage['box']>;

/** A coordinate in the file times `scaleX` plus `left` is that in the image; likewise vertically. */
export interface Fitting {
  scaleX: number;
  scaleY: number;
  left: number;
  top: number;
}

/** The scale factor, before rounding to whole pixels. */
export function scaleOf(
  from: PixelExtent,
  to: PixelExtent,
  fit: Preparation['fit'],
): { x: number; y: number } {
  const [x, y] = [to.width / from.width, to.height / from.height];
  if (fit === 'fill') return { x, y };
  const both = fit === 'contain' ? Math.min(x, y) : Math.max(x, y);
  return { x: both, y: both };
}

/** As sharp does: rounded to whole pixels, centred. */
export function fittingOf(from: PixelExtent, to: PixelExtent, fit: Preparation['fit']): Fitting {
  if (fit === 'fill' || (from.width === to.width && from.height === to.height)) {
    return { scaleX: to.width / from.width, scaleY: to.height / from.height, left: 0, top: 0 };
  }
  const scale = scaleOf(from, to, fit);
  const width = Math.max(1, Math.round(from.width * scale.x));
  const height = Math.max(1, Math.round(from.height * scale.y));
  return {
    scaleX: width / from.width,
    scaleY: height / from.height,
    left: Math.floor((to.width - width) / 2),
    top: Math.floor((to.height - height) / 2),
  };
}

/** A box of the file in image coordinates, clipped; undefined where it is outside. */
export function fitBox(
  [left, top, width, height]: Box,
  fitting: Fitting,
  image: PixelExtent,
): Box | undefined {
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
  const x0 = clamp(left * fitting.scaleX + fitting.left, image.width);
  const y0 = clamp(top * fitting.scaleY + fitting.top, image.height);
  const x1 = clamp((left + width) * fitting.scaleX + fitting.left, image.width);
  const y1 = clamp((top + height) * fitting.scaleY + fitting.top, image.height);
  return x1 - x0 > 0 && y1 - y0 > 0 ? [x0, y0, x1 - x0, y1 - y0] : undefined;
}

/** Resizes a mask by nearest neighbour; 0 outside of it. */
export function fitMask(
  from: PixelExtent,
  to: PixelExtent,
  fitting: Fitting,
  valueAt: (at: number) => number,
): Uint8Array {
  const fitted = new Uint8Array(to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    const row = Math.floor((y + 0.5 - fitting.top) / fitting.scaleY);
    if (row < 0 || row >= from.height) continue;
    for (let x = 0; x < to.width; x++) {
      const column = Math.floor((x + 0.5 - fitting.left) / fitting.scaleX);
      if (column >= 0 && column < from.width) fitted[y * to.width + x] = valueAt(row * from.width + column);
    }
  }
  return fitted;
}
