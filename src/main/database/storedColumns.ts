/**
 * Reads columns with JSON or binary contents. Errors become sentences, as they mean a damaged database, not a defect.
 */
import type { z } from 'zod';
import { UserError } from '../userError.ts';

/** The reviver of JSON.parse. */
type Revive = (key: string, value: unknown) => unknown;

/** @param what the column for messages: `its settings` @throws Unreadable */
function readJson<T>(json: string, what: string, revive?: Revive): T {
  try {
    return JSON.parse(json, revive) as T;
  } catch {
    throw new UnreadableColumn(what);
  }
}

/** The error of a damaged column. */
export class UnreadableColumn extends UserError {
  /** `its settings` */
  readonly what: string;
  constructor(what: string) {
    super(`The workspace's database is damaged where it holds ${what}: put back a backup, or do without it.`);
    this.what = what;
  }
}

/** The message for a run, project or dataset with a damaged row, with a way out. */
export function recordFault(error: unknown): string {
  const what = error instanceof UnreadableColumn ? `${error.what} cannot be told` : (error as Error).message;
  return `Its record cannot be read (${what.replace(/\.$/, '')}): put back a backup of the workspace, or leave it as it is.`;
}

/** Parses and validates JSON. @throws Unreadable */
export function readAs<T>(schema: z.ZodType<T>, json: string, what: string): T {
  const parsed = schema.safeParse(readJson<unknown>(json, what));
  if (parsed.success) return parsed.data;
  throw new UnreadableColumn(what);
}

/** Binary numbers, which may not be aligned. @throws Unreadable */
export function numbersIn<T>(
  of: { new (buffer: ArrayBuffer): T; BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
  what: string,
): T {
  if (bytes.length % of.BYTES_PER_ELEMENT !== 0) throw new UnreadableColumn(what);
  return new of(Uint8Array.from(bytes).buffer);
}

/** @throws Unreadable where it is no list */
export function listIn<T>(json: string, what: string, revive?: Revive): T[] {
  const read = readJson<unknown>(json, what, revive);
  if (!Array.isArray(read)) throw new UnreadableColumn(what);
  return read;
}
