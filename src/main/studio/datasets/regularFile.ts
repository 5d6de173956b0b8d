/**
 * Opens files, and nothing but files: reading a named pipe waits for ever for somebody who writes, a device has no end,
 * and a link may lead to either.
 */
import { closeSync, constants, fstatSync, openSync, type ReadStream, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../../userError.ts';
import { reasonOf } from './roots.ts';

/** Opening a pipe would wait by itself; of files this changes nothing. Windows knows neither. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Bytes of a piece. */
const PIECE = 1 << 18;

/** Calls `read` with what is open while it does. @throws where the file is none, or cannot be opened */
export function withRegularFile<T>(file: string, read: (handle: number, stats: Stats) => T): T {
  const handle = openSync(file, READ);
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
  const handle = await open(file, READ);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notRegular(file);
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The whole of a small file. @throws UserError where there is no such file, or it is larger than `most` bytes */
export async function readRegularFile(file: string, most: number): Promise<Buffer> {
  try {
    const { handle, stats } = await openRegularFile(file);
    await using closing = handle;
    if (stats.size > most) {
      throw new UserError(`${file} has ${stats.size} bytes; at most ${most} are read of such a file.`);
    }
    return await closing.readFile();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`The file ${file} ${reasonOf(error)}.`);
  }
}

/** The content, piece by piece; closed with the stream. @throws where the file is none, or cannot be opened */
export async function streamOfRegularFile(file: string): Promise<ReadStream> {
  const { handle } = await openRegularFile(file);
  return handle.createReadStream({ highWaterMark: PIECE });
}

/** What the system says of a socket, so that all that is no file is told alike. */
function notRegular(file: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${file} is no regular file`), { code: 'ENXIO' });
}
