/**
 * The folders that may be read. With roots, only what is within them, also via links and `..`; a common prefix of names
 * does not count. Without roots, everything that the user may read.
 */
import { constants, realpathSync } from 'node:fs';
import { access, readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import type { FolderListing } from '../../../../bridge/datasetCalls.ts';
import { UserError } from '../../../userError.ts';

export class Roots {
  /** As given; other paths are refused without checking whether they exist. */
  readonly #given: readonly string[];
  readonly #real: readonly string[];

  /** @throws UserError where a root is not there */
  constructor(roots: readonly string[]) {
    this.#given = roots.map(root => resolve(root));
    this.#real = this.#given.map(root => {
      try {
        return realpathSync(root);
      } catch (error) {
        throw new UserError(`The folder ${root} that was to be allowed ${reasonOf(error)}.`);
      }
    });
  }

  /** Whether a real path may be read. */
  admits(real: string): boolean {
    return this.#real.length === 0 || this.#real.some(root => within(root, real));
  }

  /**
   * The real path of a folder that can be read.
   *
   * @throws UserError where it is missing, no folder, unreadable, or outside the roots
   */
  async folder(path: string): Promise<string> {
    if (path.includes('\0')) throw new UserError('A path holds no NUL characters.');
    const wanted = resolve(path);
    const inside = this.#given.some(root => within(root, wanted)) || this.admits(wanted);
    if (!inside) throw this.#outside(wanted);
    let real: string;
    try {
      real = await realpath(wanted);
    } catch (error) {
      throw new UserError(`The folder ${wanted} ${reasonOf(error)}.`);
    }
    if (!this.admits(real)) throw this.#outside(wanted);
    try {
      if (!(await stat(real)).isDirectory()) throw new UserError(`${wanted} is a file; choose a folder.`);
      await access(real, constants.R_OK | constants.X_OK);
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(`The folder ${wanted} ${reasonOf(error)}.`);
    }
    return real;
  }

  /** The listing for a folder picker; null: its start. */
  async list(path: string | null): Promise<FolderListing> {
    if (path === null) {
      if (this.#real.length > 1) return this.#listRoots();
      return this.list(this.#real[0] ?? homedir());
    }
    const real = await this.folder(path);
    const folders: FolderListing['folders'] = [];
    let files = 0;
    for (const entry of await readdir(real, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const inner = join(real, entry.name);
      const kind = entry.isSymbolicLink() ? await this.#follow(inner) : entry;
      if (kind?.isDirectory()) folders.push({ name: entry.name, path: inner });
      else if (kind?.isFile()) files++;
    }
    folders.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    const top = this.#real.includes(real) || dirname(real) === real;
    return { path: real, parent: top ? null : dirname(real), folders, files };
  }

  #listRoots(): FolderListing {
    return {
      path: '',
      parent: null,
      folders: this.#real.map(root => ({ name: root, path: root })),
      files: 0,
    };
  }

  /** What a link leads to, where that may be read. */
  async #follow(link: string) {
    try {
      const real = await realpath(link);
      return this.admits(real) ? await stat(real) : undefined;
    } catch {
      // A broken link.
      return undefined;
    }
  }

  #outside(path: string): UserError {
    return new UserError(`${path} lies outside the folders that may be read: ${this.#given.join(', ')}.`);
  }
}

function within(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** Why the system refused, as the end of a sentence. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'ENOTDIR') return 'is not a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied';
  if (code === 'ELOOP') return 'is a link that leads back to itself';
  if (code === 'ENAMETOOLONG') return 'has a name that is too long';
  if (code === 'ENXIO') return 'is neither a file nor a folder';
  return `cannot be read: ${message}`;
}
