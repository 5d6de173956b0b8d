/**
 * Multiplies the rate by a factor when the loss stops falling (torch.optim.lr_scheduler.ReduceLROnPlateau, mode min).
 */
import { type Fields, integer, number } from '../layers/fields.ts';
import { defineSchedule } from './schedule.ts';
import { floorField } from './scheduleFields.ts';

const fields = {
  factor: number({
    label: 'Factor',
    help: 'What the learning rate is multiplied by each time.',
    initial: 0.1,
    min: 1e-6,
    max: 0.999999,
  }),
  patience: integer({
    label: 'Patience',
    help: 'Epochs in a row that may be no better than the best one.',
    initial: 3,
  }),
  threshold: number({
    label: 'Threshold',
    help: 'The share by which the loss must fall below the best one to count as better.',
    initial: 1e-4,
    min: 0,
    max: 1,
  }),
  cooldown: integer({
    label: 'Cool-down',
    help: 'Epochs after a fall that are not counted.',
    initial: 0,
  }),
  minLr: floorField,
} satisfies Fields;

/** Smaller changes of the rate are ignored (PyTorch's eps). */
const LEAST_CHANGE = 1e-8;

export const reduceLrOnPlateau = defineSchedule({
  kind: 'ReduceLROnPlateau',
  help: 'Falls by a factor when the loss on the validation images has not fallen for a while.',
  fields,
  examples: [
    { factor: 0.5, patience: 1, threshold: 0.01 },
    { patience: 0, cooldown: 2, minLr: 0.005 },
  ],
  rate({ factor, patience, threshold, cooldown, minLr }, base, { losses }) {
    let [rate, best, bad, cooling] = [base, Number.POSITIVE_INFINITY, 0, 0];
    for (const loss of losses) {
      if (loss < best * (1 - threshold)) [best, bad] = [loss, 0];
      else bad++;
      if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
      if (bad <= patience) continue;
      const lower = Math.max(rate * factor, minLr);
      if (rate - lower > LEAST_CHANGE) rate = lower;
      [cooling, bad] = [cooldown, 0];
    }
    return rate;
  },
  pytorch: ({ factor, patience, threshold, cooldown, minLr }) =>
    `torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=${factor}, patience=${patience}, threshold=${threshold}, cooldown=${cooldown}, min_lr=${minLr})`,
});
