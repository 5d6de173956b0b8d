/** Reads files that a person or another process names: a pipe or a device by that name would be read for ever. */
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { UserError } from './userError.ts';

/** Why it is not read, as an end of a sentence. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** @throws Unreadable where it is no regular file or has more bytes than `most`; what the system says, else */
export function readRegularFile(path: string, most: number): Buffer {
  // A pipe is opened without waiting for who writes to it. Windows has none by such a name.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const about = fstatSync(file);
    if (about.isDirectory()) throw new Unreadable('it is a folder');
    if (!about.isFile()) throw new Unreadable('it is no regular file');
    if (about.size > most)
      throw new Unreadable(`it has ${about.size} bytes, of which at most ${most} are read`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** @throws UserError where what SQLite is to open is no file: it would wait on a pipe for ever */
export function requireDatabaseFile(path: string): void {
  if (!isSomethingElse(path)) return;
  throw new UserError(
    `${path} is no regular file, and so no database: move it away, or choose another workspace.`,
  );
}

/** Whether something is there that is no file: a folder, a pipe, a device. */
export function isSomethingElse(path: string): boolean {
  try {
    return !statSync(path).isFile();
  } catch {
    // What is wrong with the path shows when it is opened.
    return false;
  }
}
