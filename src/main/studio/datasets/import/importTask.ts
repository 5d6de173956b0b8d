/** The parameters of an import, and its state after reading all files. */
import type { DatasetRecord, ImageRow, Reject } from '../../../database/datasetRows.ts';
import type { Workspace } from '../../../database/workspace.ts';
import type { CacheFolder } from '../cache/imageCache.ts';
import type { Source } from '../formats/datasetFormat.ts';
import type { JobProgress } from '../jobs.ts';
import type { DuplicateGroups } from '../versions/duplicateImages.ts';

export interface Import {
  /** Of a new dataset, an unfinished one, or a ready one that is renewed. */
  record: DatasetRecord;
  source: Source;
  workspace: Workspace;
  cache: CacheFolder;
  progress: JobProgress;
  /** For a new dataset: another one of the same files, whose labels and splits are taken. */
  like?: Like | undefined;
  /** Called when the dataset appears, grows, or remains unfinished. */
  onRecord: (record: DatasetRecord) => void;
  /** Called when nothing of it is left. */
  onRemoved: () => void;
  /** Called within the transaction that makes the dataset ready. */
  onReady?: () => void;
}

export interface Like {
  classes: readonly string[];
  rows: readonly ImageRow[];
}

export interface Gathered {
  /** All images of the source, known or new, with its class and stamp. */
  present: ImageRow[];
  /** The decoded images, as their rows were written. */
  written: ImageRow[];
  rejects: Reject[];
  bytes: number;
  /** Duplicates among them, if they were determined during decoding. */
  twins: DuplicateGroups | null;
}
