/** Rows of datasets and images, and how their fields are stored. The queries are in datasetQueries.ts. */
import { z } from 'zod';
import type {
  DatasetImage,
  DatasetSummary,
  ImageFlag,
  Preparation,
  Split,
  SplitRule,
} from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import { numbersIn, readAs, recordFault, UnreadableColumn } from './storedColumns.ts';

export interface DatasetRecord extends DatasetSummary {
  mean: number[];
  std: number[];
  /** How images were resized and converted, in a sentence. */
  preparation: string;
  options: Preparation;
  splitRule: SplitRule;
  notes: string[];
  /** SHA-256 over images, labels and splits; empty until the dataset is ready. */
  fingerprint: string;
  versionedAt: number;
  /** What changed from the previous version. */
  change: string;
  /** Sizes and times of the cache's files when they were last verified. */
  cacheStamp: string;
  /** Why the row cannot be read; null where it can. The lists of a damaged one are empty. */
  fault: string | null;
}

/** `none`: excluded by hand. `gone`: no longer in the source. `new`: belongs to an import in progress. */
export type StoredSplit = Split | 'none' | 'gone' | 'new';

/** An image's row; the window gets a DatasetImage. */
export interface ImageRow {
  index: number;
  path: string;
  label: number;
  place: StoredSplit;
  /** The split given by the source; null for none. */
  given: Split | null;
  box: [number, number, number, number] | null;
  /** SHA-256 of the pixels and of the mask. */
  hash: Buffer;
  maskHash: Buffer | null;
  /** Sums of each channel's values, then sums of their squares; null where not measured yet. */
  moments: Float64Array | null;
  /**
   * The perceptual hash for finding near duplicates (studio/datasets/decode/measureImage.ts); null for an image without
   * contrast.
   */
  look: Buffer | null;
  /** Size and time of the file, to recognise it. */
  stamp: string;
  width: number;
  height: number;
  twins: number | null;
  flags: number;
}

export interface Reject {
  path: string;
  reason: string;
}

/** The fields of an image that differ between versions. */
export type ImageChange = Pick<ImageRow, 'index' | 'label' | 'place' | 'twins' | 'flags' | 'stamp'>;

/** Beyond what an import accepts. */
const MOST_SIDE = 65_535;
const MOST_PIXELS = 2 ** 27;
/** Each pixel of a mask is a byte. */
const MOST_MASK_CLASSES = 256;
/** Entries of a cache, including those of images that are gone. */
const MOST_CACHE_ENTRIES = 2 ** 23;

/** Bits of an image's flags; `leak` is derived from duplicates. */
export const FLAG_BITS: Readonly<Record<Exclude<ImageFlag, 'leak'>, number>> = {
  constant: 1,
  extreme: 2,
  duplicate: 4,
  near: 8,
};

/** Whether a label is the index of a class. */
export function isOneOf(classes: readonly string[], label: number | undefined): boolean {
  return label !== undefined && label >= 0 && label < classes.length;
}

export function isInUse(place: StoredSplit): place is Split {
  return place === 'train' || place === 'val' || place === 'test';
}

export interface DatasetTableRow {
  id: Id;
  name: string;
  source: string | null;
  format: DatasetSummary['format'];
  state: DatasetSummary['state'];
  created_at: number;
  channels: number;
  height: number;
  width: number;
  classes: string;
  count: number;
  reject_count: number;
  bytes: number;
  mean: string;
  std: string;
  preparation: string;
  fingerprint: string;
  boxes: number;
  mask_classes: string;
  version: number;
  versioned_at: number;
  change: string;
  renewable: number;
  options: string;
  split_rule: string;
  notes: string;
  cache_stamp: string;
}

/** For each column except the id, how it is written from a record. */
export const COLUMNS: Readonly<Record<string, (record: DatasetRecord) => string | number | null>> = {
  name: record => record.name,
  source: record => record.source,
  format: record => record.format,
  state: record => record.state,
  created_at: record => record.createdAt,
  channels: record => record.imageShape[0],
  height: record => record.imageShape[1],
  width: record => record.imageShape[2],
  classes: record => JSON.stringify(record.classes),
  count: record => record.count,
  reject_count: record => record.rejectCount,
  bytes: record => record.bytes,
  mean: record => JSON.stringify(record.mean),
  std: record => JSON.stringify(record.std),
  preparation: record => record.preparation,
  // Formerly the seed of every split; it is in the rule now.
  split_seed: () => 1,
  fingerprint: record => record.fingerprint,
  boxes: record => Number(record.boxes),
  mask_classes: record => JSON.stringify(record.maskClasses),
  version: record => record.version,
  versioned_at: record => record.versionedAt,
  change: record => record.change,
  renewable: record => Number(record.renewable),
  options: record => JSON.stringify(record.options),
  split_rule: record => JSON.stringify(record.splitRule),
  notes: record => JSON.stringify(record.notes),
  cache_stamp: record => record.cacheStamp,
};

/** A damaged row is returned as such, so that others can be listed. */
export function recordOf(row: DatasetTableRow): DatasetRecord {
  try {
    const record = { ...plainOf(row), ...writtenOf(row), fault: null };
    requirePlausible(record);
    return record;
  } catch (error) {
    return { ...plainOf(row), ...UNREADABLE_FIELDS, state: 'damaged', fault: recordFault(error) };
  }
}

/** Values of fields that cannot be read; they are never written. */
const UNREADABLE_FIELDS: Pick<DatasetRecord, Written> = {
  ...{ classes: [], mean: [], std: [], maskClasses: [], notes: [] },
  options: { size: null, fit: 'contain', colour: 'auto', normalise: 'dataset' },
  splitRule: { by: 'source', val: 0, test: 0, seed: 1 },
};

type Written = 'classes' | 'mean' | 'std' | 'maskClasses' | 'options' | 'splitRule' | 'notes';

function plainOf(row: DatasetTableRow): Omit<DatasetRecord, Written | 'fault'> {
  return {
    id: row.id,
    name: row.name,
    source: row.source,
    format: row.format,
    state: row.state,
    createdAt: row.created_at,
    imageShape: [row.channels, row.height, row.width],
    count: row.count,
    rejectCount: row.reject_count,
    bytes: row.bytes,
    preparation: row.preparation,
    fingerprint: row.fingerprint,
    boxes: row.boxes === 1,
    version: row.version,
    versionedAt: row.versioned_at,
    change: row.change,
    renewable: row.renewable === 1,
    cacheStamp: row.cache_stamp,
  };
}

const texts = z.array(z.string());
const numbers = z.array(z.number());
const side = z.int().min(1).max(MOST_SIDE);
const optionsSchema = z.object({
  size: z.object({ height: side, width: side }).nullable(),
  fit: z.enum(['contain', 'cover', 'fill']),
  colour: z.enum(['auto', 'grey', 'rgb']),
  normalise: z.enum(['dataset', 'imagenet', 'half', 'none']),
});
const shares = { val: z.number(), test: z.number(), seed: z.number() };
const splitSchema = z.union([
  z.object({ by: z.enum(['source', 'ratio']), ...shares }),
  z.object({ by: z.literal('list'), val: texts, test: texts }),
]);

/** @throws Unreadable where one of them is not what it should be */
function writtenOf(row: DatasetTableRow): Pick<DatasetRecord, Written> {
  return {
    classes: readAs(texts, row.classes, 'its classes'),
    mean: readAs(numbers, row.mean, 'its mean'),
    std: readAs(numbers, row.std, 'its deviation'),
    maskClasses: readAs(texts.max(MOST_MASK_CLASSES), row.mask_classes, 'its classes of pixels'),
    options: readAs(optionsSchema, row.options, 'how it was prepared'),
    splitRule: readAs(splitSchema, row.split_rule, 'how it is split') as SplitRule,
    notes: readAs(texts, row.notes, 'its notes'),
  };
}

/**
 * Checks sizes before anything is allocated by them.
 * @throws Unreadable where no import could have written them
 */
function requirePlausible({ imageShape, mean, std, count }: DatasetRecord): void {
  const [channels, height, width] = imageShape;
  const isSide = (pixels: number) => pixels >= 1 && pixels <= MOST_SIDE;
  const isShape =
    (channels === 1 || channels === 3) && isSide(height) && isSide(width) && height * width <= MOST_PIXELS;
  if (!isShape) throw new UnreadableColumn('the shape of its images');
  const isMeasured = [mean, std].every(({ length }) => length === 0 || length === channels);
  if (!isMeasured) throw new UnreadableColumn('its mean and deviation');
  if (count < 0 || count > MOST_CACHE_ENTRIES) throw new UnreadableColumn('how many images it has');
}

export interface StoredImage {
  idx: number;
  path: string;
  label: number;
  split: StoredSplit;
  hash: Buffer;
  box: string | null;
  given_split: Split | null;
  stamp: string;
  width: number;
  height: number;
  mask_hash: Buffer | null;
  moments: Buffer | null;
  look: Buffer | null;
  twins: number | null;
  flags: number;
}

export function imageRowOf(stored: StoredImage): ImageRow {
  requirePlace(stored.idx);
  const { idx, split, given_split, box, mask_hash, moments, ...same } = stored;
  const { path, label, hash, stamp, width, height, look, twins, flags } = same;
  return {
    ...{ index: idx, path, label, place: split, given: given_split, hash, stamp, width, height },
    ...{ look, twins, flags, maskHash: mask_hash },
    box: box === null ? null : readBox(box),
    moments: moments && numbersIn(Float64Array, moments, 'what was measured of an image'),
  };
}

/** @throws Unreadable where it is no valid position in a cache */
export function requirePlace(index: number): void {
  if (index < 0 || index >= MOST_CACHE_ENTRIES)
    throw new UnreadableColumn('where an image lies in the cache');
}

const boxSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** @throws Unreadable */
export function readBox(json: string): [number, number, number, number] {
  return readAs(boxSchema, json, 'the box of an image');
}

export function bytesOf(numbers: Float64Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

export interface SeenRow {
  index: number;
  path: string;
  label: number;
  split: StoredSplit;
  box: string | null;
  width: number;
  height: number;
  twins: number | null;
  flags: number;
  leaks: number;
}

export function datasetImageOf({ split, box, flags, leaks, ...rest }: SeenRow): DatasetImage {
  const names = Object.entries(FLAG_BITS).flatMap(([name, bit]) => (flags & bit ? [name as ImageFlag] : []));
  return {
    ...rest,
    split: isInUse(split) ? split : null,
    box: box === null ? null : readBox(box),
    flags: leaks ? [...names, 'leak'] : names,
  };
}
