/** Multiplies the rate by a constant factor each epoch (torch.optim.lr_scheduler.ExponentialLR). */

import { defineSchedule, epochOf } from './schedule.ts';
import { gammaField } from './scheduleFields.ts';

export const exponentialLr = defineSchedule({
  kind: 'ExponentialLR',
  help: 'Falls by the same factor after each epoch.',
  fields: { gamma: gammaField(0.9) },
  examples: [{ gamma: 0.8 }],
  rate: ({ gamma }, base, moment) => base * gamma ** epochOf(moment),
  pytorch: ({ gamma }) => `torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=${gamma})`,
});
