/** Imports in a process of its own, with what it and the processes that it starts take. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Reject } from '../../src/main/database/datasetRows.ts';
import { temporaryFolder } from '../database/temporary.ts';

export interface Outcome {
  count?: number;
  rejects?: Reject[];
  error?: string;
  /** The largest resident set of the process that imports. */
  mebibytes: number;
  /** The largest sum, as it was seen, of that and the resident sets of its children. */
  together: number;
}

/** Milliseconds between two looks. */
const LOOK = 20;

export async function importBeside(folder: string): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'importProcess.ts'), folder, temporaryFolder()],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let together = 0;
  const watch = setInterval(() => {
    together = Math.max(together, residentOf(child.pid!));
  }, LOOK);
  const said = await text(child.stdout);
  clearInterval(watch);
  return { ...JSON.parse(said), together };
}

/** MiB of a process and its children. */
function residentOf(pid: number): number {
  const pages = [pid, ...childrenOf(pid)].map(each => {
    try {
      return Number(readFileSync(`/proc/${each}/statm`, 'utf8').split(' ')[1]);
    } catch {
      return 0;
    }
  });
  return pages.reduce((sum, each) => sum + each, 0) / 256;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(task =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
