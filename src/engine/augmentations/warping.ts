/** What the augmentations share that move pixels, and boxes and masks with them. */
import type { AugmentationLowering } from './augmentation.ts';

/** As in kernels/warp.c. */
const functions = {
  /** a: probability. */
  flipHorizontal: 0,
  flipVertical: 1,
  /** a: the largest angle in degrees. */
  rotate: 2,
  /** a, b: the smallest and the largest factor. */
  scale: 3,
  /** a, b: the largest shares of width and height. */
  translate: 4,
  /** a, b: the smallest and the largest share of the area; c, d: the narrowest and the widest ratio. */
  resizedCrop: 5,
} as const;

export function lowerWarp(
  lowering: AugmentationLowering,
  name: keyof typeof functions,
  numbers: readonly number[],
): void {
  const { augmented, boxes, masks } = lowering;
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  const kept = masks ? lowering.temporary('kept', masks.count, 'int32') : null;
  lowering.emit('warp', { ...augmented, boxes, masks, kept, function: functions[name], a, b, c, d });
}
