/**
 * zod schemas of records, lists and JSON values in a document. Documents may come from anywhere: unbounded parts are
 * checked without recursion and only up to the first error, so that a million errors cost no more than one. Sizes are
 * limited by budget.ts.
 */
import { z } from 'zod';

type Json = z.core.util.JSONType;

export function recordOf<Value extends z.ZodType>(key: z.ZodType<string, string>, value: Value) {
  return z
    .custom<Record<string, unknown>>(isRecord, 'Invalid input: expected record')
    .transform((record, context) => {
      const checked: Record<string, z.output<Value>> = {};
      for (const [name, entry] of Object.entries(record)) {
        // `__proto__` as a key would set the prototype.
        if (name === '__proto__') continue;
        const [keyed, parsed] = [key.safeParse(name), value.safeParse(entry)];
        if (!keyed.success) return refuse(context, keyed.error, name);
        if (!parsed.success) return refuse(context, parsed.error, name);
        checked[name] = parsed.data;
      }
      return checked;
    });
}

export function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .custom<readonly unknown[]>(Array.isArray, 'Invalid input: expected array')
    .transform((list, context) => {
      const checked: z.output<Item>[] = [];
      for (const [place, entry] of list.entries()) {
        const parsed = item.safeParse(entry);
        if (!parsed.success) return refuse(context, parsed.error, place);
        checked.push(parsed.data);
      }
      return checked;
    });
}

/** Any JSON value. */
export const json = z.custom<Json>(
  isJson,
  'a parameter holds numbers, words, true, false and null, in lists and records',
);

function refuse(context: z.core.$RefinementCtx, { issues }: z.ZodError, place: string | number): never {
  const { path, message } = issues[0]!;
  context.addIssue({ code: 'custom', message, path: [place, ...path] });
  return z.NEVER;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isJson(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const part = left.pop();
    if (Array.isArray(part)) for (const item of part) left.push(item);
    else if (isRecord(part)) {
      if (Object.hasOwn(part, '__proto__')) return false;
      for (const entry of Object.values(part)) left.push(entry);
    } else if (
      part !== null &&
      typeof part !== 'string' &&
      typeof part !== 'boolean' &&
      !Number.isFinite(part)
    )
      return false;
  }
  return true;
}
