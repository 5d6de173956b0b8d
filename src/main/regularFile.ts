/**
 * Opens regular files only: reading a named pipe may block forever, a device may be endless, and a link may lead to
 * either.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  type ReadStream,
  readFileSync,
  type Stats,
  statSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from './userError.ts';

/** Prevents opening a pipe from blocking; no effect on regular files. Windows has neither. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Bytes per chunk. */
const PIECE_BYTES = 1 << 18;

/** Calls `read` with the open file. @throws where it is no regular file or cannot be opened */
export function withRegularFile<T>(file: string, read: (handle: number, stats: Stats) => T): T {
  const handle = openSync(file, READ_FLAGS);
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) throw notRegular(file);
    return read(handle, stats);
  } finally {
    closeSync(handle);
  }
}

/** @throws where it is no regular file or cannot be opened */
export async function openRegularFile(file: string): Promise<{ handle: FileHandle; stats: Stats }> {
  const handle = await open(file, READ_FLAGS);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notRegular(file);
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The reason, as the end of a sentence. */
export class UnreadableFile extends Error {
  override readonly name = 'Unreadable';
}

/**
 * Reads a whole file. @throws Unreadable where it is no regular file or larger than `most` bytes, else the system's
 * error
 */
export function readRegularFileSync(path: string, most: number): Buffer {
  const file = openSync(path, READ_FLAGS);
  try {
    const about = fstatSync(file);
    if (about.isDirectory()) throw new UnreadableFile('it is a folder');
    if (!about.isFile()) throw new UnreadableFile('it is no regular file');
    if (about.size > most)
      throw new UnreadableFile(`it has ${about.size} bytes, of which at most ${most} are read`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Streams a file's content and closes it at the end. @throws where it is no regular file or cannot be opened */
export async function streamOfRegularFile(file: string): Promise<ReadStream> {
  const { handle } = await openRegularFile(file);
  return handle.createReadStream({ highWaterMark: PIECE_BYTES });
}

/** The error that the system gives for sockets, used for everything that is no regular file. */
function notRegular(file: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${file} is no regular file`), { code: 'ENXIO' });
}

/** @throws UserError where the database's path is no regular file: SQLite would block on a pipe */
export function requireDatabaseFile(path: string): void {
  if (!isSomethingElse(path)) return;
  throw new UserError(
    `${path} is no regular file, and so no database: move it away, or choose another workspace.`,
  );
}

/** Whether the path exists and is no regular file: a folder, pipe or device. */
export function isSomethingElse(path: string): boolean {
  try {
    return !statSync(path).isFile();
  } catch {
    // Problems of the path show when it is opened.
    return false;
  }
}
