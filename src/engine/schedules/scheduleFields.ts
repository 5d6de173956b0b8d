/** Fields that several schedules have. */
import { number } from '../layers/fields.ts';

export const gammaField = (initial: number) =>
  number({
    label: 'Gamma',
    help: 'What the learning rate is multiplied by each time.',
    initial,
    min: 1e-6,
    max: 1,
  });

export const floorField = number({
  label: 'Lowest rate',
  help: 'It falls no lower than this.',
  initial: 0,
  min: 0,
  max: 1000,
});
