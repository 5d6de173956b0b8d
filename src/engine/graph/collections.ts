/**
 * Records, lists and plain values of a document, as zod. A document comes from anywhere: what has no bound of its own is
 * looked at without recursion and no further than its first fault, so that a million faults, or a million levels, are
 * refused as soon as one.
 */
import { z } from 'zod';

type Json = z.core.util.JSONType;

/** Lists and records inside each other in a parameter. Those of our layers have four. */
const MOST_LEVELS = 32;

export function recordOf<Value extends z.ZodType>(key: z.ZodType<string, string>, value: Value) {
  return z
    .custom<Record<string, unknown>>(isRecord, 'Invalid input: expected record')
    .transform((record, context) => {
      const checked: Record<string, z.output<Value>> = {};
      for (const [name, entry] of Object.entries(record)) {
        // What would name a prototype names nothing.
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

/** What JSON can say, not too deep. */
export const json = z.custom<Json>(
  isJson,
  `a parameter holds numbers, words, true, false and null, in lists and records at most ${MOST_LEVELS} levels deep`,
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
  /** What is still to be looked at, level by level. */
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) return false;
    const inner: unknown[] = [];
    for (const part of level) {
      if (Array.isArray(part)) for (const item of part) inner.push(item);
      else if (isRecord(part)) {
        if (Object.hasOwn(part, '__proto__')) return false;
        for (const entry of Object.values(part)) inner.push(entry);
      } else if (
        part !== null &&
        typeof part !== 'string' &&
        typeof part !== 'boolean' &&
        !Number.isFinite(part)
      )
        return false;
    }
    level = inner;
  }
  return true;
}
