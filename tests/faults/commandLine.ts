/** The command line as a process that can be killed: what it said until then counts. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Ledger } from './ledger.ts';

const main = join(import.meta.dirname, '../../src/main/cli/main.ts');

export interface Said {
  /** Null where it was killed. */
  code: number | null;
  stderr: string;
  lines: Line[];
}

/** A line of JSON; which fields it has depends on the command. */
export interface Line {
  event?: string;
  run?: string;
  name?: string;
  step?: number;
  loss?: number | null;
  state?: string;
  error?: string | null;
  weightHash?: string | null;
  id?: string;
}

/** It is killed so many milliseconds after it began, or said so many lines, or something happened. */
export interface Kill {
  ms: number;
  lines?: number;
  when?: () => boolean;
}

interface CommandOptions {
  env?: Readonly<Record<string, string>>;
  kill?: Kill;
  /** Milliseconds after which it is killed because it should have ended. */
  patience?: number;
}

/** Runs a command with `--json` to its end, whichever that is. */
export async function command(args: readonly string[], options: CommandOptions = {}): Promise<Said> {
  const { env, kill, patience = 300_000 } = options;
  const child = spawn(process.execPath, [main, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const timers = [setTimeout(() => child.kill('SIGKILL'), patience)];
  const killSoon = () => timers.push(setTimeout(() => child.kill('SIGKILL'), kill?.ms));
  const { when } = kill ?? {};
  const watch = when && setInterval(() => when() && killSoon(), 10);
  if (kill && kill.lines === undefined && !when) killSoon();
  const closed = new Promise<number | null>(resolve => child.on('close', resolve));
  let stderr = '';
  child.stderr.on('data', data => {
    stderr += data;
  });
  const lines: Line[] = [];
  for await (const text of createInterface(child.stdout)) {
    // The last line of one that was killed may be cut off.
    if (!text.endsWith('}')) continue;
    lines.push(JSON.parse(text) as Line);
    if (lines.length === kill?.lines) killSoon();
  }
  const code = await closed;
  clearInterval(watch);
  for (const timer of timers) clearTimeout(timer);
  return { code, stderr, lines };
}

/** Takes down what a command that trains told. @returns the hash of the weights, where it ended */
export function hear(ledger: Ledger, { lines }: Said): string | undefined {
  for (const { event, run, step, loss } of lines)
    if (event === 'step') ledger.point(run!, step!, loss ?? Number.NaN);
  return lines.find(({ event, state }) => event === 'end' && state === 'finished')?.weightHash ?? undefined;
}
