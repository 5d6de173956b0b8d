/** How many bytes of each entry's SHA-256 are kept: enough to detect damage. */
export const DIGEST_BYTES = 8;

/** The data of a training: images decoded into one file, their targets, and the splits. */
export interface TrainingData {
  /** A file of uint8 images, height × width × channels each, one after the other, the first at byte 0. */
  readonly imagesPath: string;
  /** The first bytes of each image's SHA-256, by position; zeros or missing where unknown. */
  readonly imageDigests?: Uint8Array;
  /** Channels, height, width. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: readonly string[];
  /** The class of each image, by its position in the file. */
  readonly labels: Int32Array;
  /** A box for each image: left, top, right, bottom, as fractions of its width and height. Missing without boxes. */
  readonly boxes?: Float32Array;
  /** A class for each pixel: one file of uint8, height × width for each image. Missing without masks. */
  readonly masks?: {
    readonly path: string;
    readonly classes: readonly string[];
    readonly digests?: Uint8Array;
  };
  /** Positions in the file, ascending. */
  readonly splits: Readonly<Record<'train' | 'val' | 'test', Int32Array>>;
  /** Mean of the training images per channel, for values from 0 to 1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** SHA-256 over images, labels and splits, in hexadecimal. */
  readonly fingerprint: string;
}
