/** What the database's folder needs of the file system beside SQLite. */
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
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

/** A file of this name holds the old text or the new one, never a part. */
export function writeWhole(path: string, text: string): void {
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (error) {
    removeInsideSync(dirname(path), partial);
    throw error;
  }
}
