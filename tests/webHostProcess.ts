/** A web host as a person starts it: a process of its own, on a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface WebHostProcess {
  /** `http://127.0.0.1:PORT/?token=…` */
  readonly address: string;
  readonly process: ChildProcess;
  /** Kills the studio process, as a crash would; the host is spared. */
  killStudio(): void;
  /** Ends the host as Ctrl+C does. */
  stop(): Promise<void>;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const root = join(import.meta.dirname, '..');

/** The web host's entry: the build's, or the source's. */
export const webHostEntries = {
  build: join(root, 'out/main/web.js'),
  source: join(root, 'src/main/web/main.ts'),
};

/** Starts a host and waits for its address. Rejects with what it said when it ended instead. */
export async function startWebHostProcess(
  workspace: string,
  args: string[] = [],
  entry = webHostEntries.build,
): Promise<WebHostProcess> {
  const child = spawn(process.execPath, [entry, '--no-open', '--workspace', workspace, ...args]);
  const ended = outcome(child);
  const address = new Promise<string>(resolve => {
    let text = '';
    child.stdout.on('data', data => {
      text += data;
      const match = /http:\S+/.exec(text);
      if (match) resolve(match[0]);
    });
  });
  const result = await Promise.race([address, ended]);
  if (typeof result !== 'string') throw Object.assign(new Error(result.stderr || 'It ended.'), result);
  return {
    address: result,
    process: child,
    killStudio: () => process.kill(studioPid(workspace), 'SIGKILL'),
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** What a process said and how it ended. */
export function outcome(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', data => {
    stdout += data;
  });
  child.stderr?.on('data', data => {
    stderr += data;
  });
  return new Promise(resolve => child.on('close', code => resolve({ code, stdout, stderr })));
}

/** The studio that has the workspace open. */
export function studioPid(workspace: string): number {
  return JSON.parse(readFileSync(join(workspace, 'owner.json'), 'utf8')).pid;
}
