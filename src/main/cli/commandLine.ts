/**
 * The command line: finds the command, reads what follows it, and turns errors into one sentence and an exit code:
 * 0 done, 1 failed, 2 wrong use or bad input.
 */
import { resolve } from 'node:path';
import { parseArguments, quoted } from '../arguments.ts';
import { defaultWorkspace } from '../defaultWorkspace.ts';
import { explained } from '../errorSentences.ts';
import { printLines, reportDefect, warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { VERSION } from '../version.ts';
import { parseServeOptions, serve, serveHelp } from '../web/serve.ts';
import { bench } from './bench.ts';
import { type Command, type Invocation, type Options, paragraphs, UsageError } from './command.ts';
import { compare } from './compare.ts';
import { dataset } from './dataset.ts';
import { datasets } from './datasets.ts';
import { evaluate } from './evaluate.ts';
import { findLearningRate } from './findRate.ts';
import { importImages } from './import.ts';
import { inspect } from './inspect.ts';
import { models } from './models.ts';
import { create } from './new.ts';
import { predict } from './predict.ts';
import { restore } from './restore.ts';
import { resume } from './resume.ts';
import { runs } from './runs.ts';
import { solveSizes } from './solve.ts';
import { step } from './step.ts';
import { sweep } from './sweep.ts';
import { train } from './train.ts';
import { weights } from './weights.ts';

export const commands: readonly Command[] = [
  models,
  create,
  inspect,
  weights,
  solveSizes,
  compare,
  importImages,
  datasets,
  dataset,
  findLearningRate,
  train,
  sweep,
  resume,
  evaluate,
  predict,
  runs,
  restore,
  step,
  bench,
];

const commonOptions = {
  workspace: { type: 'string', value: 'DIR', help: 'where projects, datasets and runs lie' },
  json: { type: 'boolean', help: 'answer in JSON' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
} as const satisfies Options;

function generalHelp(): string[] {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  lines.push(`  ${'serve'.padEnd(width)}  Serves the studio to a browser on this machine.`);
  return paragraphs(['receptive COMMAND'], lines, ['receptive COMMAND --help tells more of one.']);
}

function commandHelp({ name, usage, summary, options }: Command): string[] {
  const rows = Object.entries<Options[string]>({ ...options, ...commonOptions }).map(([option, details]) => {
    const { short, value, help } = details;
    return [`${short ? `-${short}, ` : ''}--${option}${value ? ` ${value}` : ''}`, help] as const;
  });
  const width = Math.max(...rows.map(([option]) => option.length));
  const lines = rows.map(([option, help]) => `  ${option.padEnd(width)}  ${help}`);
  return paragraphs([`receptive ${name} ${usage}`], [summary], lines);
}

function parse(command: Command, args: readonly string[]): Invocation | 'help' {
  const { values, positionals } = parseArguments(args, { ...command.options, ...commonOptions });
  if (values.help) return 'help';
  const [least, most] = command.positionals;
  if (positionals.length < least) throw new UsageError(`receptive ${command.name} ${command.usage}`);
  if (positionals.length > most)
    throw new UsageError(`${quoted(positionals[most]!)} is one argument too many.`);
  const folder = typeof values.workspace === 'string' ? values.workspace : defaultWorkspace();
  return {
    positionals,
    values,
    json: values.json === true,
    workspace: resolve(folder),
  };
}

async function run([name, ...args]: readonly string[]): Promise<number | undefined> {
  if (name === '--version') {
    printLines(VERSION);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h') {
    printLines(...generalHelp());
    return 0;
  }
  if (name === 'serve') {
    const options = parseServeOptions(args);
    if (!options) printLines(...serveHelp);
    else {
      workspace = options.workspace;
      await serve(options);
    }
    // Serving goes on until a signal ends it.
    return options ? undefined : 0;
  }
  const command = commands.find(other => other.name === name);
  if (!command) throw new UsageError(`There is no command ${name}; receptive --help lists them.`);
  const invocation = parse(command, args);
  if (invocation !== 'help') {
    workspace = invocation.workspace;
    return command.run(invocation);
  }
  printLines(...commandHelp(command));
  return 0;
}

/** @returns the exit code; undefined while it serves */
export async function commandLine(args: readonly string[]): Promise<number | undefined> {
  try {
    return await run(args);
  } catch (error) {
    return fail(error);
  }
}

/** The workspace of the command, for error messages. */
let workspace = defaultWorkspace();

/** Prints the error. @returns the exit code */
export function fail(error: unknown): number {
  const said = explained(error, workspace);
  const isExpected = said instanceof UserError || said instanceof UsageError;
  if (isExpected) warn(said.message);
  else reportDefect('Receptive failed', said);
  return isExpected ? 2 : 1;
}
