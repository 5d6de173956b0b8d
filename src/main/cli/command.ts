/** What a command is. One command, one file; main.ts lists them, parses for them and prints their help. */
import type { ParseArgsOptionDescriptor } from 'node:util';

export interface Option extends ParseArgsOptionDescriptor {
  readonly help: string;
  /** How help shows its value: `N`. */
  readonly value?: string;
}

export type Options = Readonly<Record<string, Option>>;

export interface Invocation {
  readonly positionals: readonly string[];
  /** Options as given; a repeated one as a list. */
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly json: boolean;
  /** Absolute. */
  readonly workspace: string;
}

export interface Command {
  readonly name: string;
  /** What follows the name: `FILE --data NAME`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Options;
  /** How many positional arguments it takes. */
  readonly positionals: readonly [least: number, most: number];
  /** @returns the exit code */
  run(invocation: Invocation): Promise<number>;
}

/** A command that was called wrongly: what, where, what to do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function text(invocation: Invocation, option: string): string | undefined {
  const value = invocation.values[option];
  return typeof value === 'string' ? value : undefined;
}

export function required(invocation: Invocation, option: string): string {
  const value = text(invocation, option);
  if (value === undefined) throw new UsageError(`--${option} is missing.`);
  return value;
}

/** A number of at least `min`. @throws UsageError */
export function number(invocation: Invocation, option: string, min: number): number | undefined {
  const value = text(invocation, option);
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed) || parsed < min) {
    throw new UsageError(`--${option} wants a number of at least ${min}; it got ${JSON.stringify(value)}.`);
  }
  return parsed;
}

export function wholeNumber(invocation: Invocation, option: string, min: number): number | undefined {
  const value = number(invocation, option, min);
  if (value !== undefined && !Number.isInteger(value)) {
    throw new UsageError(`--${option} wants a whole number; it got ${value}.`);
  }
  return value;
}

/** What a command answers with: one JSON document, or what a person reads. */
export function print(invocation: Invocation, document: unknown, readable: () => string): void {
  process.stdout.write(`${invocation.json ? JSON.stringify(document) : readable()}\n`);
}

/** Rows under headings, padded so that columns line up; numbers to the right. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [headings, ...rows.map(row => row.map(String))];
  const widths = headings.map((_, column) => Math.max(...cells.map(row => [...row[column]!].length)));
  const isNumeric = headings.map(
    (_, column) => rows.length > 0 && rows.every(row => typeof row[column] === 'number'),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return cells.map(line).join('\n');
}
