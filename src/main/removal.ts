/**
 * The one place that removes folders, and files that were the user's. Whatever a path says, nothing is removed that
 * does not lie strictly inside the given root after all links are resolved; a link itself is removed, never what it
 * leads to. Everything else may neither call `rm` nor `rmdir` (biome.json).
 */
import { lstatSync, realpathSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';

/** Removes a file, or a folder with all in it; nothing where it is not there. @throws Error where it is not inside */
export function removeInsideSync(root: string, path: string): void {
  const real = realPathInside(root, path);
  if (real !== undefined) rmSync(real, { recursive: true, force: true });
}

/** As `removeInsideSync`, without holding up what else the process does. */
export async function removeInside(root: string, path: string): Promise<void> {
  const real = realPathInside(root, path);
  if (real !== undefined) await rm(real, { recursive: true, force: true });
}

/**
 * Where a path leads, its last name not followed; undefined where there is nothing.
 *
 * @throws Error where that is not strictly inside `root`
 */
export function realPathInside(root: string, path: string): string | undefined {
  const name = basename(path);
  if (name === '' || name === '.' || name === '..') throw outside(root, path);
  let real: string;
  let realRoot: string;
  try {
    realRoot = realpathSync(root);
    real = join(realpathSync(dirname(path)), name);
    lstatSync(real);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  if (!real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)) throw outside(root, path);
  return real;
}

function outside(root: string, path: string): Error {
  return new Error(`${JSON.stringify(path)} is not inside ${root}: it is left alone.`);
}
