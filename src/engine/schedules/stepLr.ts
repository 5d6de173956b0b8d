/** Multiplies the rate by a factor every few epochs (torch.optim.lr_scheduler.StepLR, stepped each epoch). */
import { type Fields, integer } from '../layers/fields.ts';
import { defineSchedule, epochOf } from './schedule.ts';
import { gammaField } from './scheduleFields.ts';

const fields = {
  stepSize: integer({ label: 'Every', help: 'Epochs between two falls.', initial: 10, min: 1 }),
  gamma: gammaField(0.1),
} satisfies Fields;

export const stepLr = defineSchedule({
  kind: 'StepLR',
  help: 'Falls by a factor every few epochs: large steps first, then finer ones.',
  fields,
  examples: [{ stepSize: 3, gamma: 0.5 }],
  rate: ({ stepSize, gamma }, base, moment) => base * gamma ** Math.floor(epochOf(moment) / stepSize),
  pytorch: ({ stepSize, gamma }) =>
    `torch.optim.lr_scheduler.StepLR(optimizer, step_size=${stepSize}, gamma=${gamma})`,
});
