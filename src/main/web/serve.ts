/**
 * Serves the studio until it is stopped: `npm start` without Electron, and `receptive serve`. Handles options, output,
 * signals and exit codes.
 */
import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { type ArgumentOption, parseArguments, quoted, wholeFrom } from '../arguments.ts';
import { defaultWorkspace } from '../defaultWorkspace.ts';
import { printLines, warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { openAppWindow } from './browser.ts';
import { startWebHost, type WebHost, type WebHostOptions } from './webHost.ts';

export const serveHelp = [
  'receptive serve [--port N] [--workspace DIR] [--root DIR]… [--workers N] [--no-open]',
  '',
  'Serves the studio to a browser on this machine, and opens it there.',
  '',
  '  --port N         the port on 127.0.0.1; any that is free when left out',
  '  --workspace DIR  where projects, datasets and runs lie',
  '  --root DIR       a folder to pick images from; may be given again; your home folder when left out',
  '  --workers N      threads to train with',
  '  --no-open        print the address only',
];

const serveArguments = {
  port: { type: 'string', range: wholeFrom(0, 65_535) },
  workspace: { type: 'string' },
  root: { type: 'string', multiple: true },
  workers: { type: 'string', range: wholeFrom(1, 256) },
  'no-open': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Readonly<Record<string, ArgumentOption>>;

export interface ServeOptions {
  port: number;
  workspace: string;
  roots: string[];
  workers: number | null;
  open: boolean;
}

/** Returns null where help was requested. @throws UserError at invalid options */
export function parseServeOptions(args: readonly string[]): ServeOptions | null {
  const { values, positionals } = parseArguments(args, serveArguments);
  if (values.help) return null;
  if (positionals.length > 0)
    throw new UserError(`${quoted(positionals[0]!)} is one argument too many; --help shows what there is.`);
  const { port, workspace, root, workers } = values;
  const roots = Array.isArray(root) ? root.map(String) : [homedir()];
  return {
    port: Number(port ?? 0),
    workspace: resolve(typeof workspace === 'string' ? workspace : defaultWorkspace()),
    roots: roots.map(folder => resolve(folder)),
    workers: workers === undefined ? null : Number(workers),
    open: !values['no-open'],
  };
}

/** Resolves when it serves; the process then runs until a signal. */
export async function serve(options: ServeOptions & Pick<WebHostOptions, 'live'>): Promise<WebHost> {
  const host = await startWebHost({
    ...options,
    roots: await Promise.all(options.roots.map(existingFolder)),
    onLost: error => {
      warn(error.message);
      process.exit(error instanceof UserError ? 2 : 1);
    },
  });
  let stopping = false;
  const stop = () => {
    // A second signal exits at once.
    if (stopping) process.exit(1);
    stopping = true;
    host.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  printLines(`Receptive is open at ${host.address}`);
  if (options.open && !openAppWindow(host.ticketAddress())) {
    printLines('Open this address in a browser on this machine.');
  }
  return host;
}

async function existingFolder(path: string): Promise<string> {
  const folder = await realpath(path).catch(() => undefined);
  if (folder && (await stat(folder)).isDirectory()) return folder;
  throw new UserError(`The folder ${path}, given by --root, does not exist.`);
}
