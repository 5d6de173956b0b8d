/** What augmentations share that move pixels, and boxes and masks with them. */
import { warpCodes } from '../layers/kernelConstants.ts';
import type { AugmentationLowering } from './augmentation.ts';

export function lowerWarp(
  lowering: AugmentationLowering,
  name: keyof typeof warpCodes,
  numbers: readonly number[],
): void {
  const { augmented, boxes, masks } = lowering;
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  const kept = masks ? lowering.temporary('kept', masks.count, 'int32') : null;
  lowering.emit('warp', { ...augmented, boxes, masks, kept, function: warpCodes[name], a, b, c, d });
}
