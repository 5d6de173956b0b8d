/** File operations for the database's folder besides SQLite. */
import { closeSync, constants, copyFileSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeInsideSync } from '../removal.ts';

/** fsync: after it returns, the file's contents are on the disk. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * The path of the temporary file that is later renamed, made free: removes what a crashed process left, and a symbolic
 * link, which writing would follow.
 */
export function clearedPartial(path: string): string {
  const partial = `${path}.partial`;
  removeInsideSync(dirname(path), partial);
  return partial;
}

/** Copies to a new file and syncs it. */
export function copyToPartial(from: string, path: string): string {
  const partial = clearedPartial(path);
  copyFileSync(from, partial, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  syncFile(partial);
  return partial;
}

/** Writes atomically: the file has the old text or the new one. */
export function writeWhole(path: string, text: string): void {
  const partial = clearedPartial(path);
  try {
    writeFileSync(partial, text, { flag: 'wx' });
    renameSync(partial, path);
  } catch (error) {
    removeInsideSync(dirname(path), partial);
    throw error;
  }
}
