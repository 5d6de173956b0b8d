/**
 * Image files to pixels, the plainest at once, all others by sharp, and the true reason where that fails. What a file
 * is called is not believed: its content decides. Nothing half-read is used. Runs in the threads of decoders.ts.
 */
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import type { SharpOptions } from 'sharp';
import type { Preparation } from '../../../bridge/datasets.ts';
import { type Box, type Extent, fitBox, fitMask, fittingOf } from './geometry.ts';
import { readJpegHeader } from './jpegHeader.ts';
import { classesOf, type MaskCode, readMask } from './maskCode.ts';
import { decodePlainJpeg, type PlainPicture } from './plainJpeg.ts';
import { decodePlainPng, pngHeader } from './plainPng.ts';
import { MOST_PIXELS, refusalOf } from './refusal.ts';
import { loadSharp } from './sharpLater.ts';

const OPTIONS: SharpOptions = { failOn: 'error', limitInputPixels: MOST_PIXELS, autoOrient: true };

/** What all images of a dataset are brought to. */
export interface DecodeSpec {
  /** Channels, height, width. */
  shape: readonly [number, number, number];
  fit: Preparation['fit'];
  /** What masks say; null where there are none. */
  masks: MaskCode | null;
}

export interface DecodeJob {
  file: string;
  /** The file that holds the mask. */
  mask?: string;
  /** In pixels of the file, upright. */
  box?: Box;
  /** What the file's stamp was when it was decoded before. */
  known?: string | undefined;
}

export interface DecodedImage extends Extent {
  /** uint8, height × width × channels. */
  pixels: Uint8Array;
  /** uint8, height × width. */
  mask?: Uint8Array;
  /** In pixels of the image. */
  box?: Box;
  /** Size and time of the files: while they stay, so does what is in them. */
  stamp: string;
}

export type Decoded = DecodedImage | { reason: string } | { unchanged: true };

/** What the header says: size after turning it upright, and whether it has no colours. */
export interface ImageHeader extends Extent {
  grey: boolean;
}

/** Bytes in which the headers of nearly all files end. */
const START = 4096;

/** Undefined where the file is no readable image; decoding it tells why. */
export async function readHeader(file: string): Promise<ImageHeader | undefined> {
  try {
    const start = readStart(file, START);
    const png = pngHeader(start);
    // A short header says all of a grey or RGB image; a palette may be grey, and alpha may be all there is.
    if (png && (png.colour === 0 || png.colour === 2)) {
      return { width: png.width, height: png.height, grey: png.colour === 0 };
    }
    const jpeg = readJpegHeader(start);
    if (jpeg) return { width: jpeg.width, height: jpeg.height, grey: jpeg.components.length === 1 };
    const sharp = await loadSharp();
    const { autoOrient, space } = await sharp(file, OPTIONS).metadata();
    return { ...autoOrient, grey: space === 'b-w' || space === 'grey16' };
  } catch {
    return undefined;
  }
}

/** Decodes a file, or its bytes, to uint8 pixels, height × width × channels, as an import does. */
export async function decode(
  file: string | Uint8Array,
  shape: DecodeSpec['shape'],
  fit: DecodeSpec['fit'] = 'contain',
): Promise<{ pixels: Uint8Array } | { reason: string }> {
  if (typeof file === 'string')
    return (await decodeJob({ file }, { shape, fit, masks: null })) as DecodedImage | { reason: string };
  try {
    const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
    const { pixels } = plainPicture(bytes, shape, fit) ?? (await pictureBySharp(bytes, shape, fit));
    return { pixels };
  } catch (error) {
    return { reason: await refusalOf(file, error as Error) };
  }
}

/**
 * At once where the file is plain: a promise for each of a million small files would cost as much as decoding it.
 *
 * @param into where the pixels may go; what is answered says where they are
 */
export function decodeJob(job: DecodeJob, spec: DecodeSpec, into?: Uint8Array): Decoded | Promise<Decoded> {
  try {
    const read = readStamped(job);
    if (!read) return { unchanged: true };
    const plain = plainPicture(read.image, spec.shape, spec.fit, into);
    if (plain && !read.mask) return placed(job, spec, plain, read.stamp);
    const picture = plain ?? pictureBySharp(kept(read.image), spec.shape, spec.fit);
    return finishJob(job, spec, read, picture).catch(error => refused(job.file, error));
  } catch (error) {
    return refused(job.file, error as Error);
  }
}

async function refused(file: string, error: Error): Promise<Decoded> {
  return { reason: await refusalOf(file, error) };
}

/** A picture without its mask. */
function placed(
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

async function finishJob(
  job: DecodeJob,
  spec: DecodeSpec,
  { mask, stamp }: FileBytes,
  picture: PlainPicture | Promise<PlainPicture>,
): Promise<Decoded> {
  const { shape, fit, masks } = spec;
  const read = await picture;
  const { extent } = read;
  const decoded = placed(job, spec, read, stamp);
  if ('reason' in decoded || !masks || !mask) return decoded;
  try {
    const raw = await readMask(mask);
    if (raw.width !== extent.width || raw.height !== extent.height) {
      const [ofMask, ofImage] = [raw, extent].map(each => `${each.width}×${each.height}`);
      return { reason: `Its mask is ${ofMask} pixels, the image ${ofImage}.` };
    }
    const classes = classesOf(raw, masks);
    if ('reason' in classes) return classes;
    const [, height, width] = shape;
    const fitting = fittingOf(extent, { width, height }, fit);
    return { ...decoded, mask: fitMask(classes, raw, { width, height }, fitting) };
  } catch (error) {
    return { reason: `Its mask cannot be read. ${await refusalOf(job.mask!, error as Error)}` };
  }
}

async function pictureBySharp(
  bytes: Buffer,
  [channels, height, width]: DecodeSpec['shape'],
  fit: Preparation['fit'],
): Promise<PlainPicture> {
  const sharp = await loadSharp();
  const { autoOrient } = await sharp(bytes, OPTIONS).metadata();
  // Transparent parts become white, animations their first picture.
  const data = await sharp(bytes, OPTIONS)
    .flatten({ background: '#ffffff' })
    .resize({ width, height, fit, background: '#000000' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
  const wanted = channels * height * width;
  if (data.length !== wanted) throw new Error(`decodes to ${data.length} bytes where ${wanted} are wanted`);
  return { pixels: data as Uint8Array, extent: autoOrient };
}

/** What needs no sharp, whose own work would take longer than decoding: small PNGs, and photographs. */
function plainPicture(
  bytes: Buffer,
  shape: DecodeSpec['shape'],
  fit: Preparation['fit'],
  into?: Uint8Array,
): PlainPicture | undefined {
  const [, height, width] = shape;
  const pixels = plainPixels(bytes, shape, into);
  return pixels ? { pixels, extent: { width, height } } : decodePlainJpeg(bytes, shape, fit, into);
}

/** What a plain PNG holds, where nothing but its channels has to be told from it; else undefined. */
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

interface FileBytes {
  image: Buffer;
  mask?: Buffer;
  stamp: string;
}

/** Undefined where the files are as they were. */
function readStamped({ file, mask: maskFile, known }: DecodeJob): FileBytes | undefined {
  if (known !== undefined) {
    const stamp = stampOf(statSync(file));
    if (known === (maskFile === undefined ? stamp : `${stamp}+${stampOf(statSync(maskFile))}`))
      return undefined;
  }
  const image = readFile(file, space);
  if (maskFile === undefined) return { image: image.bytes, stamp: image.stamp };
  const mask = readFile(maskFile);
  return { image: image.bytes, mask: mask.bytes, stamp: `${image.stamp}+${mask.stamp}` };
}

function stampOf({ size, mtimeMs }: Stats): string {
  return `${size}-${mtimeMs}`;
}

/** Files are read here, one after the other: a new place for each would have to be found, and forgotten. */
const space = Buffer.allocUnsafeSlow(1 << 20);

/** The bytes where the next file is not read over them. */
function kept(bytes: Buffer): Buffer {
  return bytes.buffer === space.buffer ? Buffer.from(bytes) : bytes;
}

/** A file's bytes, and the stamp that it had when they were read. */
function readFile(file: string, into?: Buffer): { bytes: Buffer; stamp: string } {
  const handle = openSync(file, 'r');
  try {
    const stats = fstatSync(handle);
    const bytes =
      into && stats.size <= into.length ? into.subarray(0, stats.size) : Buffer.allocUnsafe(stats.size);
    const length = readSync(handle, bytes, 0, stats.size, 0);
    return { bytes: length === stats.size ? bytes : bytes.subarray(0, length), stamp: stampOf(stats) };
  } finally {
    closeSync(handle);
  }
}

function readStart(file: string, length: number): Buffer {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(handle, bytes, 0, length, 0));
  } finally {
    closeSync(handle);
  }
}
