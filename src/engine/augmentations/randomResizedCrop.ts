/**
 * A random crop, resized to the image's size (torchvision.transforms.RandomResizedCrop, bilinear). A crop that exceeds
 * the image is clipped to it, where torchvision draws again.
 */
import { type Fields, number } from '../layers/fields.ts';
import { defineAugmentation, ordered } from './augmentation.ts';
import { lowerWarp } from './warping.ts';

const area = (label: string, help: string, initial: number) =>
  number({ label, help, initial, min: 0.001, max: 1 });
const ratio = (label: string, help: string, initial: number) =>
  number({ label, help, initial, min: 0.1, max: 10 });

const fields = {
  least: area('Smallest part', 'Of the area.', 0.5),
  most: area('Largest part', 'Of the area.', 1),
  narrowest: ratio('Narrowest', 'Width over height of the part.', 0.75),
  widest: ratio('Widest', 'Width over height of the part.', 1.3333),
} satisfies Fields;

export const randomResizedCrop = defineAugmentation({
  kind: 'RandomResizedCrop',
  help: 'Cuts a part out of each image and brings it to the whole size: things appear larger, elsewhere, a little stretched. The strongest of the usual changes for photographs.',
  fields,
  examples: [{}, { least: 0.1, most: 0.3, narrowest: 0.5, widest: 2 }],
  lower: ({ least, most, narrowest, widest }, lowering) =>
    lowerWarp(lowering, 'resizedCrop', [...ordered(least, most), ...ordered(narrowest, widest)]),
  pytorch: ({ least, most, narrowest, widest }) =>
    `RandomResizedCrop((height, width), scale=(${ordered(least, most).join(', ')}), ratio=(${ordered(narrowest, widest).join(', ')}))`,
});
