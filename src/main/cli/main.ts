/**
 * Entry of the command line: finds the command, parses what follows it, and turns errors into one sentence and
 * an exit code: 0 done, 1 failed, 2 wrong use or bad input.
 */
import { resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { explained } from '../explained.ts';
import { defaultWorkspace } from '../folders.ts';
import { UserError } from '../userError.ts';
import { VERSION } from '../version.ts';
import { parseServeOptions, serve, serveHelp } from '../web/serve.ts';
import { bench } from './bench.ts';
import { type Command, type Invocation, type Options, UsageError } from './command.ts';
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

const commands: readonly Command[] = [
  models,
  create,
  inspect,
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

function generalHelp(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  lines.push(`  ${'serve'.padEnd(width)}  Serves the studio to a browser on this machine.`);
  return `receptive COMMAND\n\n${lines.join('\n')}\n\nreceptive COMMAND --help tells more of one.`;
}

function commandHelp({ name, usage, summary, options }: Command): string {
  const rows = Object.entries<Options[string]>({ ...options, ...commonOptions }).map(([option, details]) => {
    const { short, value, help } = details;
    return [`${short ? `-${short}, ` : ''}--${option}${value ? ` ${value}` : ''}`, help] as const;
  });
  const width = Math.max(...rows.map(([option]) => option.length));
  const lines = rows.map(([option, help]) => `  ${option.padEnd(width)}  ${help}`);
  return `receptive ${name} ${usage}\n\n${summary}\n\n${lines.join('\n')}`;
}

function parse(command: Command, args: string[]): Invocation | 'help' {
  const options = { ...command.options, ...commonOptions } as ParseArgsConfig['options'];
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args, options: options!, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]!);
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const [least, most] = command.positionals;
  if (positionals.length < least) throw new UsageError(`receptive ${command.name} ${command.usage}`);
  if (positionals.length > most) throw new UsageError(`${positionals[most]} is one argument too many.`);
  const folder = typeof values.workspace === 'string' ? values.workspace : defaultWorkspace();
  return {
    positionals,
    values: values as Invocation['values'],
    json: values.json === true,
    workspace: resolve(folder),
  };
}

/** Where what failed was to be kept, as far as the command had come. */
let workspace = defaultWorkspace();

async function main([name, ...args]: string[]): Promise<number | undefined> {
  if (name === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(`${generalHelp()}\n`);
    return 0;
  }
  if (name === 'serve') {
    const options = parseServeOptions(args);
    if (!options) process.stdout.write(`${serveHelp}\n`);
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
  process.stdout.write(`${commandHelp(command)}\n`);
  return 0;
}

function fail(error: unknown): void {
  const said = explained(error, workspace);
  const expected = said instanceof UserError || said instanceof UsageError;
  process.stderr.write(`${expected ? said.message : `Receptive failed: ${said.stack}`}\n`);
  process.exitCode = expected ? 2 : 1;
}

// Whoever reads what is printed may leave early, and a file that it goes to may find no room.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') fail(error);
  process.exit();
});
process.on('uncaughtException', error => {
  fail(error);
  process.exit();
});

try {
  const code = await main(process.argv.slice(2));
  if (code !== undefined) process.exitCode = code;
} catch (error) {
  fail(error);
}
