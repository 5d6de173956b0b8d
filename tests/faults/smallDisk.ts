/**
 * A disk of a few megabytes that a test may fill: a file system in memory, mounted in a name space of its own, so that
 * nothing else sees it. That takes root on Linux; where it cannot be had, the reason is given.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why there are no such disks here; null where there are. */
export const noDisk: string | null = (() => {
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], {
    encoding: 'utf8',
  });
  if (tried.error) return `unshare is not here: ${tried.error.message}`;
  return tried.status === 0 ? null : `mounting is not allowed: ${tried.stderr.trim()}`;
})();

export class SmallDisk {
  /** Where it is mounted, for those within. */
  readonly folder: string;
  readonly #holder: ChildProcess;

  private constructor(folder: string, holder: ChildProcess) {
    this.folder = folder;
    this.#holder = holder;
  }

  static async mount(megabytes: number): Promise<SmallDisk> {
    const folder = mkdtempSync(join(tmpdir(), 'receptive-disk-'));
    const script = `mount -t tmpfs -o size=${megabytes}m none "$0" && echo mounted && exec sleep 3600`;
    const holder = spawn('unshare', ['--mount', 'sh', '-c', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    return new SmallDisk(folder, holder);
  }

  /** A command line that runs within. */
  within(command: readonly string[]): [command: string, args: string[]] {
    return ['nsenter', ['--target', String(this.#holder.pid), '--mount', '--wdns=/', ...command]];
  }

  /** Where this process finds what lies at a path of the disk. */
  seen(path: string): string {
    return join(`/proc/${this.#holder.pid}/root`, this.folder, path);
  }

  /** Leaves no room. */
  fill(): void {
    const block = Buffer.alloc(1 << 12, 1);
    for (;;) {
      try {
        writeFileSync(this.seen('ballast'), block, { flag: 'a' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
        throw error;
      }
    }
  }

  empty(): void {
    rmSync(this.seen('ballast'), { force: true });
  }

  remount(how: 'ro' | 'rw'): void {
    const [command, args] = this.within(['mount', '-o', `remount,${how}`, this.folder]);
    spawnSync(command, args);
  }

  close(): void {
    this.#holder.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
