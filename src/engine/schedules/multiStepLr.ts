/** Multiplies the rate by a factor at given epochs (torch.optim.lr_scheduler.MultiStepLR, stepped each epoch). */
import { type Fields, numbers } from '../layers/fields.ts';
import { defineSchedule, epochOf } from './schedule.ts';
import { gammaField } from './scheduleFields.ts';

const fields = {
  milestones: numbers({
    label: 'At epochs',
    help: 'After how many epochs it falls: 30, 60, 90.',
    initial: [5, 8],
    min: 0,
    max: 100_000,
    isWhole: true,
  }),
  gamma: gammaField(0.1),
} satisfies Fields;

export const multiStepLr = defineSchedule({
  kind: 'MultiStepLR',
  help: 'Falls by a factor at epochs that you choose.',
  fields,
  examples: [{ milestones: [2, 5, 6], gamma: 0.3 }],
  // The warm-up rises to the base rate, even where a milestone at epoch 0 lowers it right after.
  first: (_, base) => base,
  rate({ milestones, gamma }, base, moment) {
    const epoch = epochOf(moment);
    return base * gamma ** milestones.filter(milestone => milestone <= epoch).length;
  },
  pytorch: ({ milestones, gamma }) =>
    `torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[${milestones.join(', ')}], gamma=${gamma})`,
});
