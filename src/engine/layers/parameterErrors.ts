/**
 * Errors of parameters in plain words, for forms, inference and the command line; zod's own messages are for
 * programmers.
 */
import type { z } from 'zod';
import type { Field, Fields, Widget } from './fields.ts';
import type { Repair } from './repair.ts';

/** Widgets whose numbers may be fractions. */
const REAL: readonly Widget[] = ['number', 'numbers', 'kernel'];

/** What is wrong with a value, in one sentence; undefined where it is valid. */
export function explain(field: Field<unknown>, value: unknown): string | undefined {
  const parsed = field.schema.safeParse(value);
  if (parsed.success) return undefined;
  if (field.widget === 'choice') return `One of ${field.options?.join(', ')}.`;
  if (field.widget === 'numbers' && !Array.isArray(value)) return 'Numbers are wanted: 1, 0.5, 2.';
  return explainIssues(parsed.error.issues, !REAL.includes(field.widget));
}

/** The first invalid parameter of a layer, and what is wrong with it. */
export function explainParams(fields: Fields, params: Readonly<Record<string, unknown>>): string {
  const unknown = Object.keys(params).find(name => !(name in fields));
  if (unknown !== undefined) return `There is no parameter ${unknown}.`;
  for (const [name, field] of Object.entries(fields)) {
    const wrong = name in params ? explain(field, params[name]) : undefined;
    if (wrong) return `${field.label}: ${wrong}`;
  }
  return 'A parameter is wrong.';
}

/** Repairs of an invalid parameter: reset it to its initial value, or remove it if the kind has none of this name. */
export function paramRepairs(issue: z.core.$ZodIssue, fields: Fields): readonly Repair[] {
  if (issue.code === 'unrecognized_keys') {
    return [{ title: `Remove ${issue.keys.join(', ')}`, unsetParams: issue.keys }];
  }
  const name = String(issue.path[0]);
  const field = fields[name];
  if (!field) return [];
  const title = `Set ${field.label.toLowerCase()} to ${JSON.stringify(field.initial)}`;
  return [{ title, setParams: { [name]: field.initial } }];
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
  const wantsWhole = whole || (issue?.code === 'invalid_type' && issue.expected === 'int');
  return wantsWhole ? 'A whole number is wanted.' : 'A number is wanted: 0.05 or 5e-2.';
}

/** A union reports the issues of each branch; those of the last, most detailed one are shown. */
function innermost(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const issue = issues[0];
  if (issue?.code !== 'invalid_union') return issue;
  return innermost(issue.errors.at(-1) ?? []);
}

function bound(value: number | bigint): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
