/** Bytes of a SHA-256 that are kept of each entry: enough to tell damage. */
export const DIGEST_BYTES = 8;

/** What training reads: images decoded once into one file, and who belongs where. Decoding is not done here. */
export interface TrainingData {
  /** A file of uint8 images, height × width × channels each, one after the other, the first at byte 0. */
  readonly imagesPath: string;
  /** By position the first bytes of the SHA-256 of each image; zeros where that is not known. Missing: none is. */
  readonly imageDigests?: Uint8Array;
  /** Channels, height, width. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: readonly string[];
  /** The class of each image, by its position in the file. */
  readonly labels: Int32Array;
  /** A box for each image: left, top, right, bottom, as shares of its width and height. Missing: there are none. */
  readonly boxes?: Float32Array;
  /** A class for each pixel, as the images one file of uint8, height × width each. Missing: there are none. */
  readonly masks?: {
    readonly path: string;
    readonly classes: readonly string[];
    readonly digests?: Uint8Array;
  };
  /** Positions in the file, ascending. */
  readonly splits: Readonly<Record<'train' | 'val' | 'test', Int32Array>>;
  /** Of the training images per channel, of values from 0 to 1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** SHA-256 over images, labels and split, in hexadecimal. */
  readonly fingerprint: string;
}
