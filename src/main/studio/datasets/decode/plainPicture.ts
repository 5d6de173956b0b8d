/**
 * Decodes plain image files, which most datasets consist of, synchronously in the threads of decoders.ts. Others are
 * left to a process (pictureProcess.ts) that can be ended at any time.
 */
import { readSync, type Stats } from 'node:fs';
import type { Preparation } from '../../../../bridge/datasetCalls.ts';
import { withRegularFile } from '../../../regularFile.ts';
import { MOST_PLAIN_BYTES, MOST_PLAIN_MASK } from '../limits.ts';
import { type Box, fitBox, fittingOf, type PixelExtent } from './imageGeometry.ts';
import { refusalOf, requireExtent, requireFileSize, requireImage, SIGNATURE_BYTES } from './imageRefusal.ts';
import { readJpegHeader } from './jpegHeader.ts';
import {
  classesOf,
  type MaskCode,
  type MaskValues,
  type RawMask,
  readPlainMask,
  valuesOf,
} from './maskCode.ts';
import { decodePlainJpeg, type PlainPicture } from './plainJpeg.ts';
import { decodePlainPng, pngHeader } from './plainPng.ts';

/** The form that all images of a dataset are converted to. */
export interface DecodeSpec {
  /** Channels, height, width. */
  shape: readonly [number, number, number];
  fit: Preparation['fit'];
  /** The meaning of mask pixels; null without masks. */
  masks: MaskCode | null;
}

export interface DecodeJob {
  file: string;
  /** The path of the mask's file. */
  mask?: string;
  /** In pixels of the file, upright. */
  box?: Box;
  /** The file's stamp when it was last decoded. */
  known?: string | undefined;
}

export interface DecodedImage extends PixelExtent {
  /** uint8, height × width × channels. */
  pixels: Uint8Array;
  /** uint8, height × width. */
  mask?: Uint8Array;
  /** In pixels of the image. */
  box?: Box;
  /** Size and time of the files, which identify their contents. */
  stamp: string;
}

export type Decoded = DecodedImage | { reason: string } | { unchanged: true };

/** The size after applying EXIF orientation, and whether it is grey. */
export interface ImageHeader extends PixelExtent {
  grey: boolean;
}

/** Bytes that contain the headers of nearly all files. */
const HEADER_BYTES = 4096;

/** Null where it is not plain. @throws where the file cannot be read, is too large, or no image */
export function readPlainHeader(file: string): ImageHeader | null {
  const start = withRegularFile(file, (handle, { size }) => {
    requireFileSize(size);
    return startOf(handle, HEADER_BYTES);
  });
  requireImage(start);
  const png = pngHeader(start);
  if (png) requireExtent(png);
  // For grey or RGB the header suffices; a palette may be all grey.
  if (png && (png.colour === 0 || png.colour === 2)) {
    return { width: png.width, height: png.height, grey: png.colour === 0 };
  }
  const jpeg = readJpegHeader(start);
  if (!jpeg) return null;
  requireExtent(jpeg);
  return { width: jpeg.width, height: jpeg.height, grey: jpeg.components.length === 1 };
}

/**
 * Null where the file is not plain.
 *
 * @param into a buffer that may be used for the pixels; the result says which is
 */
export function decodeJob(job: DecodeJob, spec: DecodeSpec, into?: Uint8Array): Decoded | null {
  try {
    const read = readStamped(job, space);
    if (!read || 'unchanged' in read) return read;
    const plain = plainPicture(read.image, spec.shape, spec.fit, into);
    if (!plain) return null;
    if (!read.mask || !spec.masks) return placed(job, spec, plain, read.stamp);
    const mask = readPlainMask(read.mask, MOST_PLAIN_MASK);
    return mask ? masked(placed(job, spec, plain, read.stamp), plain.extent, mask, spec) : null;
  } catch (error) {
    return { reason: refusalOf(job.file, error as Error) };
  }
}

/** The values of a mask's pixels; null where it is not plain. @throws where it cannot be read */
export function scanPlainMask(file: string): MaskValues | null {
  const read = readFile(file, space);
  const mask = read && readPlainMask(read.bytes, MOST_PLAIN_MASK);
  return mask ? valuesOf(mask) : null;
}

/** An image, resized. */
export function placed(
  { box }: DecodeJob,
  { shape: [, height, width], fit }: DecodeSpec,
  { pixels, extent }: PlainPicture,
  stamp: string,
): DecodedImage | { reason: string } {
  const decoded: DecodedImage = { pixels, width: extent.width, height: extent.height, stamp };
  if (!box) return decoded;
  const fitted = fitBox(box, fittingOf(extent, { width, height }, fit), { width, height });
  return fitted ? { ...decoded, box: fitted } : { reason: 'Nothing of its box lies in the image.' };
}

/** An image with its mask, both resized. */
export function masked(
  decoded: DecodedImage | { reason: string },
  extent: PixelExtent,
  mask: RawMask,
  { shape: [, height, width], fit, masks }: DecodeSpec,
): DecodedImage | { reason: string } {
  if ('reason' in decoded) return decoded;
  if (mask.width !== extent.width || mask.height !== extent.height) {
    const [ofMask, ofImage] = [mask, extent].map(each => `${each.width}×${each.height}`);
    return { reason: `Its mask is ${ofMask} pixels, the image ${ofImage}.` };
  }
  const to = { width, height };
  const classes = classesOf(mask, masks!, to, fittingOf(extent, to, fit));
  return 'reason' in classes ? classes : { ...decoded, mask: classes };
}

/** Decodes without sharp, whose overhead exceeds decoding: small PNGs and photographs. */
export function plainPicture(
  bytes: Buffer,
  shape: DecodeSpec['shape'],
  fit: Preparation['fit'],
  into?: Uint8Array,
): PlainPicture | undefined {
  const [, height, width] = shape;
  const pixels = plainPixels(bytes, shape, into);
  return pixels ? { pixels, extent: { width, height } } : decodePlainJpeg(bytes, shape, fit, into);
}

/** The pixels of a plain PNG that needs no more than a change of channels; else undefined. */
function plainPixels(
  bytes: Buffer,
  [channels, height, width]: DecodeSpec['shape'],
  into?: Uint8Array,
): Uint8Array | undefined {
  const png = decodePlainPng(bytes, height * width, into);
  if (png?.width !== width || png.height !== height) return undefined;
  const { pixels, palette } = png;
  if (!palette && png.channels === channels) return pixels;
  if (png.channels !== 1 || channels !== 3) return undefined;
  const coloured = new Uint8Array(pixels.length * 3);
  for (const [at, value] of pixels.entries()) {
    if (palette && value * 3 >= palette.length) return undefined;
    for (let channel = 0; channel < 3; channel++)
      coloured[at * 3 + channel] = palette ? palette[value * 3 + channel]! : value;
  }
  return coloured;
}

export interface FileBytes {
  image: Buffer;
  mask?: Buffer;
  stamp: string;
}

/** Null where a file is too large to be plain. @throws where it cannot be read, or cannot be an image */
function readStamped(
  { file, mask: maskFile, known }: DecodeJob,
  into: Buffer,
): FileBytes | { unchanged: true } | null {
  if (known !== undefined) {
    const stamp = stampOfFile(file);
    if (known === (maskFile === undefined ? stamp : `${stamp}+${stampOfFile(maskFile)}`))
      return { unchanged: true };
  }
  const image = readFile(file, into);
  if (!image) return null;
  requireImage(image.bytes);
  if (maskFile === undefined) return { image: image.bytes, stamp: image.stamp };
  const mask = readFile(maskFile);
  return mask && { image: image.bytes, mask: mask.bytes, stamp: `${image.stamp}+${mask.stamp}` };
}

function stampOfFile(file: string): string {
  return withRegularFile(file, (_, stats) => stampOf(stats));
}

export function stampOf({ size, mtimeMs }: Stats): string {
  return `${size}-${mtimeMs}`;
}

/** One buffer for all files, which are read one after the other. */
const space = Buffer.allocUnsafeSlow(1 << 20);

/**
 * A file's bytes with its stamp; null where it is too large to be plain.
 *
 * @throws where it cannot be read, or cannot be an image
 */
function readFile(file: string, into?: Buffer): { bytes: Buffer; stamp: string } | null {
  return withRegularFile(file, (handle, stats) => {
    const { size } = stats;
    if (size > MOST_PLAIN_BYTES) {
      requireFileSize(size);
      requireImage(startOf(handle, SIGNATURE_BYTES));
      return null;
    }
    const bytes = into && size <= into.length ? into.subarray(0, size) : Buffer.allocUnsafe(size);
    const length = readSync(handle, bytes, 0, size, 0);
    return { bytes: length === size ? bytes : bytes.subarray(0, length), stamp: stampOf(stats) };
  });
}

function startOf(handle: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(handle, bytes, 0, length, 0));
}
