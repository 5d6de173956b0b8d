/** Looks up a kind (of loss, augmentation …) that a document names, and checks its parameters. */
import { CompileError } from './program.ts';

interface Validated<K> {
  kind: K;
  params: Record<string, unknown>;
}

/** @throws CompileError where the kind does not exist or its parameters are invalid */
export function validated<K extends { schema: { safeParse(value: unknown): { data?: unknown } } }>(
  kind: K | undefined,
  chosen: { kind: string; params: Record<string, unknown> },
  what: string,
): Validated<K> {
  const params = kind?.schema.safeParse(chosen.params).data;
  if (!kind || !params) throw new CompileError(`The ${what} ${chosen.kind} is unknown or set wrongly.`);
  return { kind, params: params as Record<string, unknown> };
}
