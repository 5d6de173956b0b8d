/**
 * Opens files, and nothing but files: reading a named pipe waits for ever for somebody who writes, a device has no end,
 * and a link may lead to either.
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

/** Opening a pipe would wait by itself; of files this changes nothing. Windows knows neither. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Bytes of a piece. */
const PIECE_BYTES = 1 << 18;

/** Calls `read` with what is open while it does. @throws where the file is none, or cannot be opened */
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

/** @throws where the file is none, or cannot be opened */
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

/** Why it is not read, as an end of a sentence. */
export class UnreadableFile extends Error {
  override readonly name = 'Unreadable';
}

/** The whole of a file. @throws Unreadable where it is no regular file or has more bytes than `most`; what the system says, else */
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

/** The content, piece by piece; closed with the stream. @throws where the file is none, or cannot be opened */
export async function streamOfRegularFile(file: string): Promise<ReadStream> {
  const { handle } = await openRegularFile(file);
  return handle.createReadStream({ highWaterMark: PIECE_BYTES });
}

/** What the system says of a socket, so that all that is no file is told alike. */
function notRegular(file: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${file} is no regular file`), { code: 'ENXIO' });
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
