/**
 * The limits of an import. Files may be hostile: a header of a hundred bytes can announce gigabytes. Limits are checked
 * before decoding, those of memory and time also during it. `docs/architecture.md` has the resulting totals.
 */

const MIB = 2 ** 20;

// Of a picture.

/** 134 million pixels: a photograph of 100 megapixels, the largest that cameras take, and a third more. */
export const MOST_PIXELS = 2 ** 27;
/** Pixels across, and down: the largest that a JPEG can say. libvips holds 2.4 kB for each pixel across. */
export const MOST_SIDE = 65_535;
/** Bytes of a file: 134 million pixels of 24 bits, not compressed at all, and a quarter more. */
export const MOST_FILE_BYTES = 512 * MIB;
/** Bytes of a file that the decoding threads read as a whole; photographs of 100 megapixels stay below. */
export const MOST_PLAIN_BYTES = 64 * MIB;
/** Pixels of a mask that the decoding threads read; a larger one is for a process. */
export const MOST_PLAIN_MASK = 2 ** 22;

// Of the processes that decode what is not plain: memory in bytes, all of them together where nothing else is said.

/** For all concurrent decodings; a single image that needs more is refused. */
export const DECODING_BYTES = 1280 * MIB;
/** What a decoding may use without requesting memory; enough for most images. */
export const UNASKED_BYTES = 32 * MIB;
/** How far a process may exceed its estimate before it is ended. */
export const SPARE_BYTES = 192 * MIB;
/** A process that still holds this much after an image is replaced. */
export const RETIRED_BYTES = 256 * MIB;
/** Each takes some 70 MiB before it does anything. */
export const MOST_PROCESSES = 16;
/** CPU seconds per image, and per million of its pixels: ten times the longest measured. */
export const DECODING_SECONDS = 10;
export const DECODING_SECONDS_PER_MEGAPIXEL = 0.2;
/** The factor for wall-clock time, on a busy machine. */
export const CLOCK_FACTOR = 6;

// Of a folder.

/** Files and folders, each of which takes memory when listed. */
export const MOST_ENTRIES = 2_000_000;
/** Folders within folders. */
export const MOST_DEPTH = 64;
/** Images of a dataset, each of which takes about 3 KiB while it is imported. */
export const MOST_IMAGES = 1_000_000;
/** With more, they are probably file or person names. */
export const MOST_CLASSES = 65_536;
/** Characters of a class's name. */
export const MOST_NAME = 255;
/** Characters of all class names, which every window receives. Ten thousand species have 0.6 million. */
export const MOST_NAMES = 2 ** 20;

// Of the files that describe images.

/** Pixels of an image of IDX, across and down. */
export const MOST_IDX_SIDE = 4096;
/** IDX images that are read however small; beyond that, each must have at least `LEAST_IMAGE_BYTES` in the file. */
export const MOST_TINY_IMAGES = 100_000;
/**
 * Each image takes 3 KiB of memory, even if it is one pixel that compresses to a thousandth of a byte; digits compress
 * to a hundred bytes.
 */
export const LEAST_IMAGE_BYTES = 8;
/** The largest compression ratio of gzipped files: digits have 5, nearly empty images 100. */
export const MOST_RATIO = 200;
/** Bytes exempt from the ratio: sorted labels compress to almost nothing. */
export const UNPACKED_FREE = 16 * MIB;
/** Columns of a CSV. */
export const MOST_COLUMNS = 4096;
/** Characters of a CSV row: after an unclosed quote all the rest is one row. */
export const MOST_CSV_ROW = MIB;
/** Bytes of all COCO JSON files of a folder; COCO's own have up to 450 million. */
export const MOST_JSON_BYTES = 2 ** 30;
/** Bytes of one image, annotation or category of a COCO JSON: outlines of crowds are the longest. */
export const MOST_JSON_ITEM = 4 * MIB;
/** Brackets within brackets of such an item. */
export const MOST_JSON_DEPTH = 64;
/** Annotations of all COCO JSON files, of which each takes about 200 bytes. COCO itself has 860,000. */
export const MOST_ANNOTATIONS = 4_000_000;
/** Characters of an id in a COCO JSON: each image and annotation keeps its own. */
export const MOST_JSON_ID = 64;
/** Characters of a path in a COCO JSON. */
export const MOST_JSON_PATH = 1024;
/** Bytes of a file that lists names of classes. */
export const MOST_NAMES_BYTES = 4 * MIB;

// Of a sentence.

/** Characters of a file's content that a sentence may quote. */
export const MOST_QUOTE = 80;
/** Characters of a sentence as a whole. */
export const MOST_SENTENCE = 1000;
