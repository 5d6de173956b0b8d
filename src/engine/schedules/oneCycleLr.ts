/**
 * Up to the chosen rate, then down to nearly zero, step by step (torch.optim.lr_scheduler.OneCycleLR without cycling
 * the momentum). Smith, Topin: "Super-convergence", 2017.
 */
import { choice, type Fields, number } from '../layers/fields.ts';
import { defineSchedule } from './schedule.ts';

const fields = {
  pctStart: number({
    label: 'Rising part',
    help: 'The share of the run in which the rate rises.',
    initial: 0.3,
    min: 0.01,
    max: 0.99,
  }),
  divFactor: number({
    label: 'First division',
    help: 'It starts at the chosen rate divided by this.',
    initial: 25,
    min: 1,
    max: 1e9,
  }),
  finalDivFactor: number({
    label: 'Last division',
    help: 'It ends at the first rate divided by this.',
    initial: 10_000,
    min: 1,
    max: 1e9,
  }),
  annealStrategy: choice({
    label: 'Shape',
    help: 'Along a cosine or a straight line.',
    options: ['cos', 'linear'],
    initial: 'cos',
  }),
} satisfies Fields;

const between = (strategy: string, from: number, to: number, share: number) =>
  strategy === 'cos' ? to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share)) : from + (to - from) * share;

export const oneCycleLr = defineSchedule({
  kind: 'OneCycleLR',
  help: 'Rises to the chosen rate and falls to nearly nothing: takes a larger rate than others bear, and needs fewer epochs.',
  fields,
  examples: [{}, { pctStart: 0.45, divFactor: 10, finalDivFactor: 100, annealStrategy: 'linear' }],
  first: ({ divFactor }, base) => base / divFactor,
  rate({ pctStart, divFactor, finalDivFactor, annealStrategy }, base, { step, steps }) {
    const [first, top, last] = [base / divFactor, pctStart * steps - 1, steps - 1];
    // A rise of a single step is its top; PyTorch divides by zero here.
    if (top === 0 && step === 0) return base;
    // A shorter rise ends before the first step, which then is on the way down.
    if (step <= top) return between(annealStrategy, first, base, step / top);
    return between(annealStrategy, base, first / finalDivFactor, (step - top) / (last - top));
  },
  pytorch: ({ pctStart, divFactor, finalDivFactor, annealStrategy }, base, { total }) =>
    `torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=${base}, total_steps=${total}, pct_start=${pctStart}, anneal_strategy='${annealStrategy}', cycle_momentum=False, div_factor=${divFactor}, final_div_factor=${finalDivFactor})`,
});
