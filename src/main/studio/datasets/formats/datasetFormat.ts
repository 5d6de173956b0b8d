/**
 * What a dataset format is: how it is recognised and how its images are read, in chunks. Writing, splitting and
 * counting are the importer's task (../import/importer.ts).
 */
import type { DatasetSummary, Preparation, Split } from '../../../../bridge/datasetCalls.ts';
import type { Reject } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import type { Measures } from '../decode/measureImage.ts';
import { MOST_IMAGES } from '../limits.ts';
import type { Admits, WalkOptions } from './walkFolder.ts';

/** An image that was found; decoding shows whether it can be used. */
export interface FormatEntry {
  /** Relative to the source, in NFC, with slashes. */
  path: string;
  label: number;
  /** The split given by the source; null for none. */
  split: Split | null;
}

export interface EntryPicture {
  /** uint8, height × width × channels. Not written to after it was given. */
  pixels: Uint8Array;
  /** uint8, height × width: the number of each pixel's class. */
  mask?: Uint8Array;
  /** Left, top, width, height in pixels. */
  box?: [number, number, number, number];
  /** Of the file, after EXIF orientation; missing where all images have one size. */
  width?: number;
  height?: number;
  /** Changes when the file does; missing for sources that do not change. */
  stamp?: string;
  /** Measurements, if a thread has already made them. */
  measures?: Measures;
}

export type Result = EntryPicture | { reason: string } | { unchanged: true };

/** A recognised source, listed but not decoded. */
export interface Source {
  classes: string[];
  /** Channels, height, width of all images. */
  imageShape: [number, number, number];
  /** How images are converted to that shape, in a sentence. */
  preparation: string;
  /** The classes of mask pixels, by index; missing without masks. */
  maskClasses?: string[];
  /** Whether every image has a box. */
  boxed?: boolean;
  /** Decisions made while reading, a sentence each. */
  notes?: string[];
  entries: readonly FormatEntry[];
  /** Files found to be unusable without decoding. */
  rejects: readonly Reject[];
  /**
   * Results for all entries in order, in chunks: the image, or why there is none.
   *
   * @param known an entry's stamp at its last import, by its index
   */
  pictures(signal: AbortSignal, known?: Known): AsyncGenerator<readonly Result[]>;
}

export type Known = (entry: number) => string | undefined;

export interface FormatOptions extends WalkOptions {
  preparation: Preparation;
  /** The shape that images must have, if already determined. */
  imageShape?: [number, number, number];
}

export interface FormatReader {
  name: DatasetSummary['format'];
  /** The evidence that a folder has this format, in a few words; undefined where it has not. */
  recognise(folder: string, admits: Admits): Promise<string | undefined>;
  /** @throws UserError where the folder holds nothing that can be trained on, saying why */
  open(folder: string, options: FormatOptions): Promise<Source>;
}

/** @throws UserError where the files of a folder hold more images together than a dataset may have */
export function requireImageCount(folder: string, counts: readonly number[]): void {
  const count = counts.reduce((sum, each) => sum + each, 0);
  if (count > MOST_IMAGES)
    throw new UserError(`${folder} holds ${count} images: at most ${MOST_IMAGES} are imported.`);
}

/** The default of imports. */
export const DEFAULT_PREPARATION: Preparation = {
  size: null,
  fit: 'contain',
  colour: 'auto',
  normalise: 'dataset',
};
