/** Reads small files of a dataset's source. */
import { realpath } from 'node:fs/promises';
import { openRegularFile } from '../../../regularFile.ts';
import { UserError } from '../../../userError.ts';
import { reasonOf } from '../import/readableRoots.ts';
import type { Admits } from './walkFolder.ts';

/** Reads a whole file. @throws UserError where it does not exist, may not be read, or is larger than `most` bytes */
export async function readRegularFile(file: string, most: number, admits: Admits): Promise<Buffer> {
  try {
    if (!admits(await realpath(file)))
      throw new UserError(`${file} is a link that leads out of the folders that may be read.`);
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
