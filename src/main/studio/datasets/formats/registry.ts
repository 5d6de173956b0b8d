/** The formats that a folder can have, the strictest first. */
import { UserError } from '../../../userError.ts';
import { folders } from './folders.ts';
import type { DatasetFormat } from './format.ts';
import { idx } from './idx.ts';

export const FORMATS: readonly DatasetFormat[] = [idx, folders];

/** @throws UserError where no format knows the folder */
export async function recognise(folder: string): Promise<DatasetFormat> {
  for (const format of FORMATS) {
    if (await format.recognise(folder)) return format;
  }
  throw new UserError(
    `${folder} holds no dataset: wanted is a folder for each class with its images in it, or IDX files such as train-images-idx3-ubyte.gz.`,
  );
}
