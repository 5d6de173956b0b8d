/** What the augmentations of colours share: an amount drawn between two bounds. */
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

/** How far a factor may lie from 1, as torchvision's ColorJitter takes it. */
export const amountField = (initial: number) =>
  number({
    label: 'Amount',
    help: 'The factor is drawn from 1 less this to 1 and this: 0.2 from 0.8 to 1.2.',
    initial,
    min: 0,
    max: 10,
  });

export const factorsWithin = (amount: number): [number, number] => [Math.max(0, 1 - amount), 1 + amount];
