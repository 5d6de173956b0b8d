/**
 * Between what a person types and the value it means. Text that is no number stays text: the document keeps what
 * was typed, the kind's schema refuses it, and `explain` says why in plain words. Nothing is reset.
 */
import type { z } from 'zod';
import type { Field } from '../../../engine/layers/fields.ts';
import { count, decimal } from '../format.ts';

/** The number that a text means, or the text itself. */
export function readNumber(text: string): number | string {
  const plain = text.trim().replaceAll('\u2212', '-').replace(/\s/g, '');
  const value = Number(plain);
  return plain !== '' && Number.isFinite(value) ? value : text;
}

export function writeValue(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

/** What is wrong with a value, as one sentence; undefined where nothing is. */
export function explain(field: Field<unknown>, value: unknown): string | undefined {
  const parsed = field.schema.safeParse(value);
  if (parsed.success) return undefined;
  if (field.widget === 'choice') return `One of ${field.options?.join(', ')}.`;
  return explainIssues(parsed.error.issues, field.widget !== 'number');
}

/** The first of zod's issues about a number, in plain words. */
export function explainIssues(issues: readonly z.core.$ZodIssue[], whole: boolean): string {
  const issue = innermost(issues);
  if (issue?.code === 'too_big') return `At most ${bound(issue.maximum)}.`;
  if (issue?.code === 'too_small') {
    return issue.inclusive === false
      ? `More than ${bound(issue.minimum)}.`
      : `At least ${bound(issue.minimum)}.`;
  }
  return whole ? 'A whole number is wanted.' : 'A number is wanted: 0.05 or 5e-2.';
}

/** A union reports each of its branches: the last one, the most detailed, is what a form fills in. */
function innermost(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const issue = issues[0];
  if (issue?.code !== 'invalid_union') return issue;
  return innermost(issue.errors.at(-1) ?? []);
}

function bound(value: number | bigint): string {
  return Number.isInteger(Number(value)) ? count(Number(value)) : decimal(Number(value));
}
