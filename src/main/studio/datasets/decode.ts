/**
 * Image files to pixels, by sharp, and the true reason where that fails. What a file is called is not believed: its
 * content decides. Nothing half-read is used. Runs in the threads of decoders.ts.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import sharp, { type SharpOptions } from 'sharp';
import type { Preparation } from '../../../bridge/datasets.ts';
import { type Box, type Extent, fitBox, fitMask, fittingOf } from './geometry.ts';
import { classesOf, type MaskCode, readMask } from './maskCode.ts';
import { decodePlainPng, type PlainPng, pngHeader } from './plainPng.ts';
import { MOST_PIXELS, refusalOf } from './refusal.ts';

// Many small images at once beat many threads on one; a cache of files would show a changed one as it was.
sharp.concurrency(1);
sharp.cache(false);

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

/** Undefined where the file is no readable image; decoding it tells why. */
export async function readHeader(file: string): Promise<ImageHeader | undefined> {
  try {
    const png = pngHeader(readStart(file, 64));
    // A short header says all of a grey or RGB image; a palette may be grey, and alpha may be all there is.
    if (png && (png.colour === 0 || png.colour === 2)) {
      return { width: png.width, height: png.height, grey: png.colour === 0 };
    }
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
    return { pixels: (await pixelsOf(bytes, shape, fit)).pixels };
  } catch (error) {
    return { reason: await refusalOf(file, error as Error) };
  }
}

export async function decodeJob(job: DecodeJob, spec: DecodeSpec): Promise<Decoded> {
  try {
    const image = openStamped(job.file);
    const mask = job.mask === undefined ? undefined : openStamped(job.mask);
    try {
      const stamp = mask ? `${image.stamp}+${mask.stamp}` : image.stamp;
      if (stamp === job.known) return { unchanged: true };
      return await decodeBytes(job, spec, readAll(image), mask && readAll(mask), stamp);
    } finally {
      closeSync(image.handle);
      if (mask) closeSync(mask.handle);
    }
  } catch (error) {
    return { reason: await refusalOf(job.file, error as Error) };
  }
}

async function decodeBytes(
  { box, mask: maskFile }: DecodeJob,
  { shape, fit, masks }: DecodeSpec,
  bytes: Buffer,
  maskBytes: Buffer | undefined,
  stamp: string,
): Promise<Decoded> {
  const [, height, width] = shape;
  const { pixels, extent } = await pixelsOf(bytes, shape, fit);
  const fitting = fittingOf(extent, { width, height }, fit);
  const fittedBox = box && fitBox(box, fitting, { width, height });
  if (box && !fittedBox) return { reason: 'Nothing of its box lies in the image.' };
  const decoded = { pixels, ...extent, stamp, ...(fittedBox && { box: fittedBox }) };
  if (!masks || !maskBytes) return decoded;
  try {
    const raw = await readMask(maskBytes);
    if (raw.width !== extent.width || raw.height !== extent.height) {
      const [mask, image] = [raw, extent].map(each => `${each.width}×${each.height}`);
      return { reason: `Its mask is ${mask} pixels, the image ${image}.` };
    }
    const classes = classesOf(raw, masks);
    if ('reason' in classes) return classes;
    return { ...decoded, mask: fitMask(classes, raw, { width, height }, fitting) };
  } catch (error) {
    return { reason: `Its mask cannot be read. ${await refusalOf(maskFile!, error as Error)}` };
  }
}

/** Pixels in the wanted shape, and the size that the file has upright. */
async function pixelsOf(bytes: Buffer, shape: DecodeSpec['shape'], fit: Preparation['fit']) {
  const [channels, height, width] = shape;
  const plain = decodePlainPng(bytes, height * width);
  const pixels = plain && plainPixels(plain, shape);
  if (pixels) return { pixels, extent: { width, height } };
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

/** What a plain PNG holds, where nothing but its channels has to be told from it; else undefined. */
function plainPixels(png: PlainPng, [channels, height, width]: DecodeSpec['shape']): Uint8Array | undefined {
  const { pixels, palette } = png;
  if (png.width !== width || png.height !== height) return undefined;
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

interface Stamped {
  handle: number;
  size: number;
  stamp: string;
}

function openStamped(file: string): Stamped {
  const handle = openSync(file, 'r');
  const { size, mtimeMs } = fstatSync(handle);
  return { handle, size, stamp: `${size}-${mtimeMs}` };
}

function readAll({ handle, size }: Stamped): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  const length = readSync(handle, bytes, 0, size, 0);
  return bytes.subarray(0, length);
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
