/** Reads what columns hold as JSON or as bytes. What cannot be read is told in a sentence: damage, not a defect. */
import type { z } from 'zod';
import { UserError } from '../userError.ts';

/** What becomes of each value, as JSON.parse asks for it. */
type Revive = (key: string, value: unknown) => unknown;

/** @param what it is: `its settings` @throws Unreadable */
function readJson<T>(json: string, what: string, revive?: Revive): T {
  try {
    return JSON.parse(json, revive) as T;
  } catch {
    throw new UnreadableColumn(what);
  }
}

/** What a column holds is damaged. */
export class UnreadableColumn extends UserError {
  /** `its settings` */
  readonly what: string;
  constructor(what: string) {
    super(`The workspace's database is damaged where it holds ${what}: put back a backup, or do without it.`);
    this.what = what;
  }
}

/** Of a run, a project, a dataset whose row is damaged: what to do about it. */
export function recordFault(error: unknown): string {
  const what = error instanceof UnreadableColumn ? `${error.what} cannot be told` : (error as Error).message;
  return `Its record cannot be read (${what.replace(/\.$/, '')}): put back a backup of the workspace, or leave it as it is.`;
}

/** What is as a schema says. @throws Unreadable where it is not */
export function readAs<T>(schema: z.ZodType<T>, json: string, what: string): T {
  const parsed = schema.safeParse(readJson<unknown>(json, what));
  if (parsed.success) return parsed.data;
  throw new UnreadableColumn(what);
}

/** The numbers that a column holds as bytes, which need not lie where numbers may. @throws Unreadable */
export function numbersIn<T>(
  of: { new (buffer: ArrayBuffer): T; BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
  what: string,
): T {
  if (bytes.length % of.BYTES_PER_ELEMENT !== 0) throw new UnreadableColumn(what);
  return new of(Uint8Array.from(bytes).buffer);
}

/** @throws Unreadable where it is none */
export function listIn<T>(json: string, what: string, revive?: Revive): T[] {
  const read = readJson<unknown>(json, what, revive);
  if (!Array.isArray(read)) throw new UnreadableColumn(what);
  return read;
}
