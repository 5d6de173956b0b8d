/** The dataset formats, most specific first. */
import type { RecognisedFormat } from '../../../../bridge/datasetCalls.ts';
import { UserError } from '../../../userError.ts';
import { cifar } from './cifar.ts';
import { folders } from './classFolders.ts';
import { coco } from './coco.ts';
import { csv } from './csv.ts';
import type { FormatReader } from './datasetFormat.ts';
import { idx } from './idx.ts';
import { masks } from './masks.ts';
import { shapes } from './sampleShapes.ts';
import type { Admits } from './walkFolder.ts';

const FORMATS: readonly FormatReader[] = [idx, cifar, coco, masks, csv, folders];

export function formatNamed(name: FormatReader['name']): FormatReader {
  return name === 'shapes' ? shapes : FORMATS.find(format => format.name === name)!;
}

/** The formats that a folder can be read as, most likely first. @throws UserError where there is none */
export async function recognise(folder: string, admits: Admits): Promise<RecognisedFormat[]> {
  const found: RecognisedFormat[] = [];
  for (const { name, recognise: look } of FORMATS) {
    const reason = await look(folder, admits);
    if (reason !== undefined && name !== 'shapes') found.push({ format: name, reason });
  }
  if (found.length > 0) return found;
  throw new UserError(
    `${folder} holds no dataset: wanted is a folder for each class with its images in it, or images with a CSV, a COCO JSON or a folder of masks beside them, or files of the MNIST or CIFAR family.`,
  );
}
