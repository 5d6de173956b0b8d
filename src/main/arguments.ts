/** Parses the options and positional arguments of a command; errors are sentences. */
import { type ParseArgsConfig, type ParseArgsOptionDescriptor, parseArgs } from 'node:util';
import { UserError } from './userError.ts';

/** The valid values of a numeric option. */
export interface Range {
  /** For messages: `a whole number from 1 to 100`. */
  readonly words: string;
  holds(value: number): boolean;
}

export interface ArgumentOption extends ParseArgsOptionDescriptor {
  /** Where its value is a number. */
  readonly range?: Range;
  /** The longest value in characters; by default that of a path. */
  readonly longest?: number;
}

type Value = string | boolean;

export interface Arguments {
  /** Option values; of repeated options a list. */
  readonly values: Readonly<Record<string, Value | Value[] | undefined>>;
  readonly positionals: readonly string[];
}

/** The longest path that operating systems accept. */
const LONGEST_PATH = 4096;
/** The longest name, as in the studio's calls (validateCalls.ts). */
export const LONGEST_NAME = 200;

/** A value that begins with a minus but is no option: `-0.1`, `-.5`, `-1e-3`, `-Infinity`. */
const NEGATIVE = /^-(\.?\d|inf|nan)/i;
const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

export const wholeFrom = (least: number, most: number): Range => ({
  words: `a whole number from ${least} to ${most}`,
  holds: value => Number.isInteger(value) && value >= least && value <= most,
});

export const numberAbove = (bound: number, most: number): Range => ({
  words: `a number above ${bound}, at most ${most}`,
  holds: value => value > bound && value <= most,
});

/** @throws UserError naming the argument that is wrong */
export function parseArguments(
  args: readonly string[],
  options: Readonly<Record<string, ArgumentOption>>,
): Arguments {
  if (args.some(argument => argument.includes('\0')))
    throw new UserError('An argument has a NUL character in it, which no name and no path can have.');
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: options as NonNullable<ParseArgsConfig['options']>,
    allowPositionals: true,
    // Node's own errors take several lines, and it takes negative numbers for options.
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') checkText('An argument', token.value, LONGEST_PATH);
    if (token.kind === 'option') checkOption(token, options);
  }
  return { values, positionals };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function checkOption(token: OptionToken, options: Readonly<Record<string, ArgumentOption>>): void {
  const { name, rawName, value, inlineValue } = token;
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option) throw new UserError(`There is no option ${quoted(rawName)}; --help shows what there is.`);
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UserError(`--${name} takes no value; it got ${quoted(value)}.`);
    return;
  }
  if (value === undefined) throw new UserError(`--${name} wants a value; it got none.`);
  if (!inlineValue && value.length > 1 && value.startsWith('-') && !NEGATIVE.test(value))
    throw new UserError(
      `--${name} is followed by ${quoted(value)}, an option: where that is meant as its value, write --${name}=${value}.`,
    );
  checkText(`--${name}`, value, option.longest ?? LONGEST_PATH);
  if (option.range) checkNumber(name, value, option.range);
}

function checkText(what: string, value: string, longest: number): void {
  if (value.trim() === '') throw new UserError(`${what} wants a value; it got an empty one.`);
  if (value.length > longest)
    throw new UserError(`${what} takes at most ${longest} characters; it got ${value.length}.`);
}

function checkNumber(name: string, value: string, { words, holds }: Range): void {
  if (DECIMAL.test(value) && holds(Number(value))) return;
  throw new UserError(`--${name} takes ${words}; it got ${quoted(value)}.`);
}

/** A value as a message shows it: shortened where it is long. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
