/**
 * Serves the studio until it is told to stop: what `npm start` does without Electron, and `receptive serve`.
 * It owns the terminal's side: options, the printed address, signals, exit codes.
 */
import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultWorkspace } from '../folders.ts';
import { UserError } from '../userError.ts';
import { openAppWindow } from './browser.ts';
import { startWebHost } from './host.ts';

export const serveHelp = `receptive serve [--port N] [--workspace DIR] [--root DIR]… [--workers N] [--no-open]

Serves the studio to a browser on this machine, and opens it there.

  --port N         the port on 127.0.0.1; any that is free when left out
  --workspace DIR  where projects, datasets and runs lie
  --root DIR       a folder to pick images from; may be given again; your home folder when left out
  --workers N      threads to train with
  --no-open        print the address only`;

export interface ServeOptions {
  port: number;
  workspace: string;
  roots: string[];
  workers: number | null;
  open: boolean;
}

/** Throws a UserError at what it does not understand; null when help was asked for. */
export function parseServeOptions(args: string[]): ServeOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  return {
    port: wholeNumber('--port', values.port ?? '0', 0, 65535),
    workspace: resolve(values.workspace ?? defaultWorkspace()),
    roots: (values.root ?? [homedir()]).map(root => resolve(root)),
    workers: values.workers === undefined ? null : wholeNumber('--workers', values.workers, 1, 1024),
    open: !values['no-open'],
  };
}

/** Resolves when it serves; the process then lives until a signal ends it. */
export async function serve(options: ServeOptions): Promise<void> {
  const host = await startWebHost({
    ...options,
    roots: await Promise.all(options.roots.map(existingFolder)),
    onLost: error => {
      process.stderr.write(`${error.message}\n`);
      process.exit(error instanceof UserError ? 2 : 1);
    },
  });
  let stopping = false;
  const stop = () => {
    // Asked twice: at once.
    if (stopping) process.exit(1);
    stopping = true;
    host.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.stdout.write(`Receptive is open at ${host.address}\n`);
  if (options.open && !openAppWindow(host.ticketAddress())) {
    process.stdout.write('Open this address in a browser on this machine.\n');
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        workspace: { type: 'string' },
        root: { type: 'string', multiple: true },
        workers: { type: 'string' },
        'no-open': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UserError(`${sentence} --help shows what there is.`);
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UserError(`${option} takes a whole number from ${least} to ${most}, not “${text}”.`);
}

async function existingFolder(path: string): Promise<string> {
  const folder = await realpath(path).catch(() => undefined);
  if (folder && (await stat(folder)).isDirectory()) return folder;
  throw new UserError(`The folder ${path}, given by --root, does not exist.`);
}
