/**
 * Lets the n-th call of a kind that a process makes to the file system go wrong: the process is gone, or the disk is
 * full. The work is done by callFault.c, which is loaded before all else where there is a C compiler to make it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const KINDS = ['unlink', 'rename', 'write', 'sync', 'truncate', 'open'] as const;
export type Kind = (typeof KINDS)[number];

export interface Fault {
  /** Calls of these kinds are counted. */
  kinds: readonly Kind[];
  /** Calls below this folder alone. */
  below: string;
  /** Which of them goes wrong, from 1 on; 0: they are only counted. */
  at: number;
  /** The process is gone before the call, after it, or after half of what was to be written. */
  act: 'kill' | 'after' | 'tear' | 'ENOSPC' | 'EIO';
  /** Where it is given, later calls go wrong too, until there is a file of this name. */
  until?: string;
}

export interface Happened {
  /** How many calls of each kind there were. */
  counts: Record<Kind, number>;
  /** Which went wrong: its kind and path; empty where none did. */
  what: string;
}

/** What is said where faults cannot be made; else undefined. */
export function impossible(folder: string): string | undefined {
  if (process.platform !== 'linux') return 'only Linux loads a library before all else';
  const built = build(folder);
  if (built !== undefined) return built;
  const state = join(folder, 'probe.state');
  const env = environment(folder, state, { kinds: ['open'], below: folder, at: 0, act: 'kill' });
  const script = `require('fs').writeFileSync(${JSON.stringify(join(folder, 'probe'))}, '')`;
  spawnSync(process.execPath, ['-e', script], { env: { ...process.env, ...env } });
  return happened(state).counts.open > 0 ? undefined : 'this Node does not call the system through a library';
}

/** Compiles the library into a folder. @returns why it could not be */
function build(folder: string): string | undefined {
  const source = join(import.meta.dirname, 'callFault.c');
  for (const compiler of ['cc', 'gcc', 'clang']) {
    const args = ['-O1', '-shared', '-fPIC', '-o', libraryIn(folder), source, '-ldl'];
    const { status, error } = spawnSync(compiler, args, { encoding: 'utf8' });
    if (!error && status === 0) return undefined;
  }
  return 'there is no C compiler that can make the library';
}

/** The environment of a process, and of all that it starts, in which a fault happens. */
export function environment(folder: string, state: string, fault: Fault): Record<string, string> {
  writeFileSync(state, Buffer.alloc(512));
  const { kinds, below, at, act, until } = fault;
  return {
    LD_PRELOAD: libraryIn(folder),
    FAULT_STATE: state,
    FAULT_BELOW: below,
    FAULT_CALLS: kinds.join(),
    FAULT_AT: String(at),
    FAULT_ACT: act,
    ...(until !== undefined && { FAULT_UNTIL: until }),
  };
}

export function happened(state: string): Happened {
  const bytes = readFileSync(state);
  const counts = KINDS.map((kind, at) => [kind, Number(bytes.readBigUInt64LE(16 + 8 * at))]);
  return {
    counts: Object.fromEntries(counts),
    what: bytes.toString('utf8', 16 + 8 * KINDS.length).replace(/\0.*$/s, ''),
  };
}

/** So many numbers from 1 to `count`, evenly, the first and the last among them. */
export function sampled(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, at) => at + 1);
  if (most === 1) return [Math.ceil(count / 2)];
  return Array.from({ length: most }, (_, at) => 1 + Math.round((at * (count - 1)) / (most - 1)));
}

function libraryIn(folder: string): string {
  return join(folder, 'callFault.so');
}
