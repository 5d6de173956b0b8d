/**
 * The only place that removes folders and user files. Nothing is removed unless it is strictly inside the given root
 * after resolving links; a link itself is removed, never its target. A lint rule (biome.json) forbids `rm` and `rmdir`
 * elsewhere.
 */
import { lstatSync, realpathSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';

/** Removes a file or folder, if it exists. @throws Error where it is not inside the root */
export function removeInsideSync(root: string, path: string): void {
  const real = realPathInside(root, path);
  if (real !== undefined) rmSync(real, { recursive: true, force: true });
}

/** The asynchronous form of `removeInsideSync`. */
export async function removeInside(root: string, path: string): Promise<void> {
  const real = realPathInside(root, path);
  if (real !== undefined) await rm(real, { recursive: true, force: true });
}

/**
 * The real path, without following the last component; undefined where it does not exist.
 *
 * @throws Error where it is not strictly inside `root`
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
