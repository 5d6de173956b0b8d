/** Erases a random rectangle of random images (torchvision.transforms.RandomErasing). Zhong et al., 2017. */
import { type Fields, number } from '../layers/fields.ts';
import { defineAugmentation, ordered, probabilityField } from './augmentation.ts';

const fields = {
  p: probabilityField(),
  least: number({ label: 'Smallest', help: 'Of the area.', initial: 0.02, min: 0.001, max: 1 }),
  most: number({ label: 'Largest', help: 'Of the area.', initial: 0.33, min: 0.001, max: 1 }),
  narrowest: number({ label: 'Flattest', help: 'Height over width.', initial: 0.3, min: 0.05, max: 20 }),
  widest: number({ label: 'Steepest', help: 'Height over width.', initial: 3.3, min: 0.05, max: 20 }),
  value: number({
    label: 'Shade',
    help: 'What it is painted with: 0 black, 1 white.',
    initial: 0,
    min: 0,
    max: 1,
  }),
} satisfies Fields;

export const randomErasing = defineAugmentation({
  kind: 'RandomErasing',
  help: 'Paints a rectangle over some of the images, so that no single part of a thing is relied on.',
  fields,
  examples: [{}, { p: 1, least: 0.2, most: 0.4, value: 0.5 }],
  lower({ p, value, ...bounds }, lowering) {
    const [least, most] = ordered(bounds.least, bounds.most);
    const [narrowest, widest] = ordered(bounds.narrowest, bounds.widest);
    lowering.emit('erase', { ...lowering.augmented, p, least, most, narrowest, widest, value });
  },
  pytorch: ({ p, least, most, narrowest, widest, value }) =>
    `RandomErasing(p=${p}, scale=(${least}, ${most}), ratio=(${narrowest}, ${widest}), value=${value})`,
});
