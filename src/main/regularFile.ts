/** Reads files that a person or another process names: a pipe or a device by that name would be read for ever. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

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
