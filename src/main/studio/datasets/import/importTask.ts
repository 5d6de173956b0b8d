/** What an import is asked for, and what it has when all files are read. */
import type { DatasetRecord, ImageRow, Reject } from '../../../database/datasetRows.ts';
import type { Workspace } from '../../../database/workspace.ts';
import type { CacheFolder } from '../cache/imageCache.ts';
import type { Source } from '../formats/datasetFormat.ts';
import type { JobProgress } from '../jobs.ts';
import type { Twins } from '../versions/duplicateImages.ts';

export interface Import {
  /** Of a new dataset, a partial one, or one that is ready and is looked through again. */
  record: DatasetRecord;
  source: Source;
  workspace: Workspace;
  cache: CacheFolder;
  progress: JobProgress;
  /** Of a new dataset, another one of the same files: what was said of them there holds here too. */
  like?: Like | undefined;
  /** Hears of the dataset when it appears, as it grows, and when it stays unfinished. */
  onRecord: (record: DatasetRecord) => void;
  /** Hears that nothing is left of it. */
  onRemoved: () => void;
  /** Part of the transaction that makes the dataset ready. */
  onReady?: () => void;
}

export interface Like {
  classes: readonly string[];
  rows: readonly ImageRow[];
}

export interface Gathered {
  /** Every image that the source has now, known or new, with the class and stamp that it has there. */
  present: ImageRow[];
  /** Those that were decoded, as their rows were written. */
  written: ImageRow[];
  rejects: Reject[];
  bytes: number;
  /** The copies among them, where that was found on the way. */
  twins: Twins | null;
}
