/** The registry of metrics: one line each. */
import { accuracy } from './accuracy.ts';
import { boxIou } from './boxIou.ts';
import type { Evidence } from './evidence.ts';
import { maskIou } from './maskIou.ts';
import type { Metric } from './metric.ts';
import { perClass } from './perClass.ts';
import { topK } from './topK.ts';

export const metrics: readonly Metric[] = [accuracy, topK, perClass, maskIou, boxIou];

/** All figures for a kind of answer. */
export function figuresOf(evidence: Evidence): Record<string, number> {
  const fitting = metrics.filter(({ answers }) => answers.includes(evidence.answer));
  return Object.assign({}, ...fitting.map(metric => metric.of(evidence)));
}
