/** What the database's folder needs of the file system beside SQLite. */
import { closeSync, constants, copyFileSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeInsideSync } from '../removal.ts';

/** When this returns, what was written to the file is on the disk. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Where a file is written before it is renamed to what it is called: nothing is there. What an earlier process left is
 * removed, and so is a link, which writing would follow to wherever it leads.
 */
export function clearedPartial(path: string): string {
  const partial = `${path}.partial`;
  removeInsideSync(dirname(path), partial);
  return partial;
}

/** Copies to a file that is not there yet; when this returns, it is on the disk. */
export function copyToPartial(from: string, path: string): string {
  const partial = clearedPartial(path);
  copyFileSync(from, partial, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  syncFile(partial);
  return partial;
}

/** A file of this name holds the old text or the new one, never a part. */
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
