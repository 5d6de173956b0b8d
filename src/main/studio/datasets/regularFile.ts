/** Small files of a dataset's source, read whole. */
import { openRegularFile } from '../../regularFile.ts';
import { UserError } from '../../userError.ts';
import { reasonOf } from './roots.ts';

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
