/** Calls and types for datasets, images and imports. Types only. */
import type { Training } from '../engine/graph/document.ts';
import type { Id, Time } from './ids.ts';

export type Split = 'train' | 'val' | 'test';

/** The forms in which a folder can hold a dataset. */
export type DatasetFormat = 'folders' | 'csv' | 'idx' | 'cifar' | 'coco' | 'masks';

/** How images of any size become the images of a dataset. */
export interface Preparation {
  /** Null: the most common size where it is small, else 224 × 224. */
  size: { height: number; width: number } | null;
  /** `contain`: whole, the rest black. `cover`: the middle of it. `fill`: stretched. */
  fit: 'contain' | 'cover' | 'fill';
  /** `auto`: grey where all are. */
  colour: 'auto' | 'grey' | 'rgb';
  /** The normalisation: the dataset's own mean and standard deviation, ImageNet's, to -1…1, or to 0…1. */
  normalise: 'dataset' | 'imagenet' | 'half' | 'none';
}

/** How images are assigned to training, validation and test. */
export type SplitRule =
  /** The source's split; a random share of images without one. */
  | { by: 'source'; val: number; test: number; seed: number }
  | { by: 'ratio'; val: number; test: number; seed: number }
  /** Paths, or names of files; all others train. */
  | { by: 'list'; val: string[]; test: string[] };

export interface DatasetSummary {
  id: Id;
  name: string;
  /** The source as the user gave it; null for the sample dataset. */
  source: string | null;
  format: DatasetFormat | 'shapes';
  /** `importing` until it is whole; `partial` where that was interrupted, and can go on. */
  /** `damaged`: its record in the database cannot be read. */
  state: 'importing' | 'partial' | 'ready' | 'damaged';
  /** Counts from 1; increases with every change of images, labels or splits. */
  version: number;
  /** Whether its source can be read again; not so of what was uploaded. */
  renewable: boolean;
  createdAt: Time;
  /** Channels, height, width of each image in the cache. */
  imageShape: [number, number, number];
  classes: string[];
  /** Whether every image has a box. */
  boxes: boolean;
  /** The classes of mask pixels; empty without masks. */
  maskClasses: string[];
  count: number;
  rejectCount: number;
  /** Bytes of the cache on disk; 0 where it was cleared, and is filled again when it is needed. */
  bytes: number;
}

export interface DatasetVersion {
  version: number;
  createdAt: Time;
  /** The changes since the previous version, in a few words. */
  change: string;
  count: number;
  /** How many runs were trained on it. */
  runs: number;
}

/**
 * Flags of suspicious images: a single colour, an extreme aspect ratio, identical or near duplicates, duplicates in
 * several splits.
 */
export type ImageFlag = 'constant' | 'extreme' | 'duplicate' | 'near' | 'leak';

/** Findings to check before training. */
export interface DatasetReport {
  /** What the import decided, a sentence each. */
  notes: string[];
  /** Sizes of the files, the most common first. */
  sizes: { width: number; height: number; count: number }[];
  /** How many images carry each flag. */
  flags: Record<ImageFlag, number>;
  /** Classes that have no image in some split. */
  uncovered: number[];
}

export interface DatasetDetail extends DatasetSummary {
  /** Images per class, in the order of `classes`, for each split. */
  classCounts: Record<Split, number[]>;
  /** Of the training images, per channel, 0 to 1. */
  mean: number[];
  std: number[];
  /** How the images were brought to one shape, in a sentence. */
  preparation: string;
  options: Preparation;
  splitRule: SplitRule;
  report: DatasetReport;
  /** What features that runs keep take on disk, beside its cache. */
  featureBytes: number;
  /** The newest first; the first is the present one. */
  versions: DatasetVersion[];
  /** Every file that could not be used, and why. */
  rejects: { path: string; reason: string }[];
}

export interface DatasetImage {
  index: number;
  /** Relative to the dataset's source. */
  path: string;
  label: number;
  /** Null: excluded. */
  split: Split | null;
  flags: ImageFlag[];
  /** The number of its group of duplicates; null for none. */
  twins: number | null;
  /** Of the file, after EXIF orientation; 0 where unknown. */
  width: number;
  height: number;
  /** Left, top, width, height in pixels of the cached image; null where the dataset has no boxes. */
  box: [number, number, number, number] | null;
}

/** Changes of an image; missing fields stay. */
export interface ImageEdit {
  index: number;
  label?: number;
  /** Null leaves it out. */
  split?: Split | null;
}

export interface ImageQuery {
  /** Null: all that are in use. */
  split: Split | 'none' | null;
  label: number | null;
  flag?: ImageFlag | null;
  offset: number;
  limit: number;
}

/** A format that a folder can be read as. */
export interface RecognisedFormat {
  format: DatasetFormat;
  /** The evidence, in a few words. */
  reason: string;
}

/** Options of an import; missing ones are determined automatically. */
export interface ImportOptions {
  format?: DatasetFormat;
  preparation?: Preparation;
  /** A dataset of the same files, whose labels, splits and exclusions are taken over. */
  like?: Id;
}

/** A folder to import, and what the dataset shall be called. */
export interface DatasetSource extends ImportOptions {
  path: string;
  name: string;
}

/** An image as training would see it. */
export interface AugmentedImage {
  png: Uint8Array;
  /** As of a DatasetImage; null where the dataset has none. */
  box: DatasetImage['box'];
  /** A PNG with a colour per class, transparent for the background. */
  mask: Uint8Array | null;
}

export interface FolderListing {
  path: string;
  /** Null at a root. */
  parent: string | null;
  folders: { name: string; path: string }[];
  /** How many files lie in it directly. */
  files: number;
}

/** Work that takes a while and can be cancelled: an import. */
export interface Job {
  id: Id;
  title: string;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  done: number;
  /** Null while it is still being counted. */
  total: number | null;
  /** Items per second. */
  rate: number;
  error: string | null;
  /** The dataset that an import makes. */
  dataset: Id | null;
}

export interface DatasetCalls {
  listFolder(path: string | null): Promise<FolderListing>;
  /** Starts a job; its id is the dataset's too. */
  importDataset(source: DatasetSource): Promise<Id>;
  /** In which forms a folder can be read, the likeliest first. */
  recogniseFolder(path: string): Promise<RecognisedFormat[]>;
  /** Goes on with an interrupted import, or takes in what changed in the folder since. A job, as an import is. */
  renewDataset(id: Id): Promise<Id>;
  /** Edits images; if the current version was imported or trained on, a new one begins. Returns the inverse edits. */
  editImages(id: Id, edits: ImageEdit[]): Promise<ImageEdit[]>;
  /** Splits the images anew. Returns the inverse edits. */
  splitDataset(id: Id, rule: SplitRule): Promise<ImageEdit[]>;
  /** Restores labels and splits of an earlier version. Returns the inverse edits. */
  restoreVersion(id: Id, version: number): Promise<ImageEdit[]>;
  /** Removes the cache from the disk, until it is needed. */
  clearCache(id: Id): Promise<void>;
  /** Images as the training of an epoch would see them, by the same kernels. */
  previewAugmentations(
    id: Id,
    preview: { images: number[]; augmentations: Training['augmentations']; seed: number; epoch: number },
  ): Promise<AugmentedImage[]>;
  /** Opens an upload; files follow by HTTP PUT to `/upload/<id>/<relative path>`, then `finishUpload`. */
  beginUpload(name: string): Promise<Id>;
  /** Starts to import what was uploaded, as `importDataset` does. */
  finishUpload(upload: Id): Promise<Id>;
  cancelUpload(upload: Id): Promise<void>;
  dataset(id: Id): Promise<DatasetDetail>;
  /** The number of pixels of each class in the training masks. Rejects without masks. */
  maskCounts(id: Id): Promise<number[]>;
  datasetImages(id: Id, query: ImageQuery): Promise<{ total: number; images: DatasetImage[] }>;
  datasetImage(id: Id, index: number): Promise<DatasetImage>;
  deleteDataset(id: Id): Promise<void>;
  cancelJob(id: Id): Promise<void>;
}
