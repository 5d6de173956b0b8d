/** What a command is. One command, one file; main.ts lists them, parses for them and prints their help. */
import type { ArgumentOption, Arguments } from '../arguments.ts';
import { printable, printLines } from '../terminal.ts';

export interface Option extends ArgumentOption {
  readonly help: string;
  /** How help shows its value: `N`. */
  readonly value?: string;
}

export type Options = Readonly<Record<string, Option>>;

export interface Invocation extends Arguments {
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

/** The number of an option whose `range` was checked when it was read. */
export function number(invocation: Invocation, option: string): number | undefined {
  const value = text(invocation, option);
  return value === undefined ? undefined : Number(value);
}

/** All values of an option that may be repeated. */
export function listOf(invocation: Invocation, option: string): string[] {
  const given = invocation.values[option];
  return Array.isArray(given) ? given.filter(each => typeof each === 'string') : [];
}

/** What a command answers with: one JSON document, or the lines that a person reads. */
export function print(invocation: Invocation, document: unknown, readable: () => readonly string[]): void {
  printLines(...(invocation.json ? [JSON.stringify(document)] : readable()));
}

/** Rows under headings, padded so that columns line up; numbers to the right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] {
  const cells = [headings, ...rows].map(row => row.map(cell => printable(String(cell))));
  const widths = headings.map((_, column) => Math.max(...cells.map(row => [...row[column]!].length)));
  const isNumeric = headings.map(
    (_, column) => rows.length > 0 && rows.every(row => typeof row[column] === 'number'),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return cells.map(line);
}

/** Groups of lines with an empty one between two. */
export function paragraphs(...groups: readonly (readonly string[])[]): string[] {
  return groups.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}
