/**
 * Half a cosine from the chosen rate to the lowest, step by step over the whole run
 * (torch.optim.lr_scheduler.CosineAnnealingLR with T_max = steps of the run). Loshchilov, Hutter: "SGDR", 2016.
 */

import { defineSchedule } from './schedule.ts';
import { floorField } from './scheduleFields.ts';

export const cosineAnnealingLr = defineSchedule({
  kind: 'CosineAnnealingLR',
  help: 'Half a cosine down over the whole run: slowly first, slowly last. Little to set, and hard to beat.',
  fields: { etaMin: floorField },
  examples: [{}, { etaMin: 0.01 }],
  rate: ({ etaMin }, base, { step, steps }) =>
    etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * step) / steps))) / 2,
  pytorch: ({ etaMin }, _base, { total }) =>
    `torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=${total}, eta_min=${etaMin})`,
});
