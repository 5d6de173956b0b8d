/** A constant learning rate. */
import { defineSchedule } from './schedule.ts';

export const constant = defineSchedule({
  kind: 'constant',
  help: 'Stays as it is, until it is changed by hand.',
  fields: {},
  examples: [{}],
  rate: (_params, base) => base,
  pytorch: () => null,
});
