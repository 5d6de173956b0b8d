/** What colour augmentations share: a strength drawn between two bounds. */
import { number } from '../layers/fields.ts';
import { colourCodes } from '../layers/kernelConstants.ts';
import type { AugmentationLowering } from './augmentation.ts';

export function lowerColour(
  lowering: AugmentationLowering,
  name: keyof typeof colourCodes,
  low: number,
  high: number,
): void {
  lowering.emit('colour', { ...lowering.augmented, function: colourCodes[name], low, high });
}

/** The largest deviation of a factor from 1, as in torchvision's ColorJitter. */
export const amountField = (initial: number) =>
  number({
    label: 'Amount',
    help: 'The factor is drawn from 1 less this to 1 and this: 0.2 from 0.8 to 1.2.',
    initial,
    min: 0,
    max: 10,
  });

export const factorsWithin = (amount: number): [number, number] => [Math.max(0, 1 - amount), 1 + amount];
