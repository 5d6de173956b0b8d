/** Previews augmentations on a dataset's own images. */
import sharp from 'sharp';
import type { AugmentedImage } from '../../../bridge/datasetCalls.ts';
import type { Training } from '../../../engine/graph/document.ts';
import { type Augmented, augment } from '../../../engine/runtime/augmentedImages.ts';
import type { TrainingData } from '../../../engine/runtime/trainingData.ts';
import type { DatasetRecord } from '../../database/datasetRows.ts';
import { maskPng } from './decode/maskPicture.ts';

export interface Preview {
  /** Places in the cache. */
  images: readonly number[];
  augmentations: Training['augmentations'];
  seed: number;
  /** Counts from 0. */
  epoch: number;
}

export function previewAugmentations(
  data: TrainingData,
  { imageShape }: DatasetRecord,
  { images, augmentations, seed, epoch }: Preview,
): Promise<AugmentedImage[]> {
  const augmented = augment(data, Int32Array.from(images), { augmentations, seed }, epoch);
  return Promise.all(augmented.map(each => pictureOf(each, imageShape)));
}

async function pictureOf(
  { pixels, box, mask }: Augmented,
  [channels, height, width]: DatasetRecord['imageShape'],
): Promise<AugmentedImage> {
  const raw = { width, height, channels: channels as 1 | 3 };
  return {
    png: await sharp(pixels, { raw }).png({ compressionLevel: 3 }).toBuffer(),
    box: box && [
      box[0]! * width,
      box[1]! * height,
      (box[2]! - box[0]!) * width,
      (box[3]! - box[1]!) * height,
    ],
    mask: mask && (await maskPng(mask, width, height)),
  };
}
