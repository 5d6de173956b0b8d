/** Renders masks as images to overlay: one colour per class, transparent for the background. */
import sharp from 'sharp';

/** Hues in steps of the golden angle, which keeps successive ones distinct. */
const GOLDEN_ANGLE = 137.508;
const OPACITY = 90;

/** @param mask height × width, the number of each pixel's class */
export function maskPng(mask: ArrayLike<number>, width: number, height: number): Promise<Buffer> {
  const pixels = new Uint8Array(4 * width * height);
  for (let at = 0; at < mask.length; at++) {
    const value = mask[at]!;
    if (value !== 0) pixels.set([...colourOf(value), OPACITY], 4 * at);
  }
  const raw = { width, height, channels: 4 as const };
  return sharp(pixels, { raw }).png({ compressionLevel: 3 }).toBuffer();
}

/** Of full saturation, by the hue alone. */
function colourOf(value: number): [number, number, number] {
  const hue = (((value - 1) * GOLDEN_ANGLE) % 360) / 60;
  const channel = (shift: number) => {
    const at = (hue + shift) % 6;
    return Math.round(255 * Math.min(1, Math.max(0, at < 3 ? at - 1 : 5 - at)));
  };
  return [channel(5), channel(3), channel(1)].map(part => 255 - part) as [number, number, number];
}
