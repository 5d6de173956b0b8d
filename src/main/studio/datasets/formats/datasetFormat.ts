/**
 * What a dataset format is: how it is recognised, and how its images are had, some at a time. A format reads;
 * it never writes, splits or counts: the importer does (../import/importer.ts).
 */
import type { DatasetSummary, Preparation, Split } from '../../../../bridge/datasetCalls.ts';
import type { Reject } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import type { Measures } from '../decode/measureImage.ts';
import { MOST_IMAGES } from '../limits.ts';
import type { Admits, WalkOptions } from './walkFolder.ts';

/** An image that was found; whether it can be used shows when it is decoded. */
export interface FormatEntry {
  /** Relative to the source, in NFC, with slashes. */
  path: string;
  label: number;
  /** Where the source puts it; null where it does not say. */
  split: Split | null;
}

export interface EntryPicture {
  /** uint8, height × width × channels. Not written to after it was given. */
  pixels: Uint8Array;
  /** uint8, height × width: the number of each pixel's class. */
  mask?: Uint8Array;
  /** Left, top, width, height in pixels. */
  box?: [number, number, number, number];
  /** Of the file, upright; missing where it is the size that all have. */
  width?: number;
  height?: number;
  /** Changes when the file does; missing of what never does. */
  stamp?: string;
  /** What a thread measured already. */
  measures?: Measures;
}

export type Result = EntryPicture | { reason: string } | { unchanged: true };

/** A recognised source, looked through but not decoded. */
export interface Source {
  classes: string[];
  /** Channels, height, width that every picture has. */
  imageShape: [number, number, number];
  /** How the pictures get that shape, in a sentence. */
  preparation: string;
  /** What a pixel of a mask can be, by its number; missing where the pictures have no masks. */
  maskClasses?: string[];
  /** Whether every picture has a box. */
  boxed?: boolean;
  /** What was decided on the way, a sentence each. */
  notes?: string[];
  entries: readonly FormatEntry[];
  /** What was found unusable without decoding. */
  rejects: readonly Reject[];
  /**
   * One result for each entry, in their order, some at a time: the picture, or why there is none.
   *
   * @param known the stamp that an entry's picture had when it was read before, by the entry's place
   */
  pictures(signal: AbortSignal, known?: Known): AsyncGenerator<readonly Result[]>;
}

export type Known = (entry: number) => string | undefined;

export interface FormatOptions extends WalkOptions {
  preparation: Preparation;
  /** The shape that the pictures must have, where it was decided before. */
  imageShape?: [number, number, number];
}

export interface FormatReader {
  name: DatasetSummary['format'];
  /** By what a folder is known to be of this format, in a few words; undefined where it is not. */
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

/** What an import does that was told nothing. */
export const DEFAULT_PREPARATION: Preparation = {
  size: null,
  fit: 'contain',
  colour: 'auto',
  normalise: 'dataset',
};
