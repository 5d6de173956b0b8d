/** Gaussian blur with a random standard deviation, for random images (torchvision.transforms.GaussianBlur). */
import { type Fields, integer, number } from '../layers/fields.ts';
import { BLUR_WINDOW } from '../layers/kernelConstants.ts';
import { defineAugmentation, ordered, probabilityField } from './augmentation.ts';

const sigma = (label: string, initial: number) =>
  number({ label, help: 'Standard deviation in pixels.', initial, min: 0.05, max: 10 });

const fields = {
  p: probabilityField(),
  reach: integer({
    label: 'Reach',
    help: 'How many pixels to each side are mixed: 1 is a window of 3×3.',
    initial: 1,
    min: 1,
    max: (BLUR_WINDOW - 1) / 2,
  }),
  least: sigma('Least', 0.1),
  most: sigma('Most', 2),
} satisfies Fields;

export const gaussianBlur = defineAugmentation({
  kind: 'GaussianBlur',
  help: 'Blurs some of the images, as a lens that is out of focus.',
  fields,
  examples: [{}, { p: 1, reach: 3, least: 1, most: 3 }],
  lower({ p, reach, least, most }, lowering) {
    const { augmented } = lowering;
    // Reflection at the border limits the window to less than the image.
    const fitting = Math.min(reach, augmented.height - 1, augmented.width - 1);
    const [low, high] = ordered(least, most);
    lowering.emit('blur', { ...augmented, size: 2 * fitting + 1, low, high, p });
  },
  pytorch: ({ p, reach, least, most }) =>
    `RandomApply([transforms.GaussianBlur(${2 * reach + 1}, sigma=(${ordered(least, most).join(', ')}))], p=${p})`,
});
