/** The frequency of each pixel class, for balanced class weights. */
import { open } from 'node:fs/promises';
import { sizeOf } from '../../../../engine/layers/shape.ts';
import { CacheDamage, matches } from '../../../../engine/runtime/cacheFile.ts';
import type { TrainingData } from '../../../../engine/runtime/trainingData.ts';
import { UserError } from '../../../userError.ts';

/**
 * Counts the pixels of the training masks by class, reading one mask at a time, without blocking the studio.
 *
 * @throws UserError where there are no masks
 */
export async function countPixels({ masks, imageShape, splits }: TrainingData): Promise<number[]> {
  if (!masks) throw new UserError('The dataset has no masks.');
  const counts = new Array<number>(masks.classes.length).fill(0);
  const pixels = new Uint8Array(sizeOf(imageShape.slice(1)));
  const file = await open(masks.path, 'r');
  try {
    for (const index of splits.train) {
      const { bytesRead } = await file.read(pixels, 0, pixels.length, index * pixels.length);
      if (bytesRead < pixels.length || !matches(masks.digests, index, pixels))
        throw new CacheDamage(masks.path, index);
      for (const label of pixels) if (label < counts.length) counts[label]!++;
    }
  } finally {
    await file.close();
  }
  return counts;
}
