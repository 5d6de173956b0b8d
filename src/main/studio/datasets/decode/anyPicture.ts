/**
 * Decodes any image file, by sharp unless it is plain, with the actual reason on failure. The format is determined by
 * content, not by name, and partly read images are refused. Runs in a process of its own, because the resources of
 * libvips cannot be limited, but a process can be killed.
 */
import { readSync } from 'node:fs';
import type { Metadata, SharpOptions } from 'sharp';
import { withRegularFile } from '../../../regularFile.ts';
import { DECODING_BYTES, MOST_PIXELS, MOST_PLAIN_BYTES } from '../limits.ts';
import {
  ImageRefusal,
  inMegabytes,
  refusalOf,
  requireExtent,
  requireFileSize,
  requireImage,
  SIGNATURE_BYTES,
} from './imageRefusal.ts';
import { type MaskValues, type RawMask, readPlainMask, valuesOf } from './maskCode.ts';
import type { PlainPicture } from './plainJpeg.ts';
import {
  type Decoded,
  type DecodeJob,
  type DecodeSpec,
  type ImageHeader,
  masked,
  placed,
  plainPicture,
  readPlainHeader,
  stampOf,
} from './plainPicture.ts';
import { pngHeader } from './plainPng.ts';
import { loadSharp } from './sharpLater.ts';

const OPTIONS: SharpOptions = { failOn: 'error', limitInputPixels: MOST_PIXELS, autoOrient: true };

/**
 * Called before large allocations; resolves when the memory is available. It replaces the previous request.
 *
 * @param pixels number of decoded pixels, which determines the time limit
 */
export type Admit = (bytes: number, pixels: number) => Promise<void>;

/** Null where the file is no readable image; decoding gives the reason. */
export async function readAnyHeader(file: string, admit: Admit): Promise<ImageHeader | null> {
  try {
    const plain = readPlainHeader(file);
    if (plain) return plain;
    const sharp = await loadSharp();
    const { bytes } = await readWhole(file, admit);
    const { autoOrient, space } = await sharp(bytes, OPTIONS).metadata();
    return { ...autoOrient, grey: space === 'b-w' || space === 'grey16' };
  } catch {
    return null;
  }
}

export async function decodeAny(job: DecodeJob, spec: DecodeSpec, admit: Admit): Promise<Decoded> {
  try {
    const image = await readWhole(job.file, admit);
    const picture = await pictureOf(image.bytes, spec.shape, spec.fit, admit);
    if (!job.mask || !spec.masks) return placed(job, spec, picture, image.stamp);
    return await withMask(job, job.mask, spec, { picture, stamp: image.stamp }, admit);
  } catch (error) {
    return { reason: refusalOf(job.file, error as Error) };
  }
}

async function withMask(
  job: DecodeJob,
  file: string,
  spec: DecodeSpec,
  { picture, stamp }: { picture: PlainPicture; stamp: string },
  admit: Admit,
): Promise<Decoded> {
  try {
    const mask = await readWhole(file, admit);
    const decoded = placed(job, spec, picture, `${stamp}+${mask.stamp}`);
    return masked(decoded, picture.extent, await readMask(mask.bytes, admit), spec);
  } catch (error) {
    return { reason: `Its mask cannot be read. ${refusalOf(file, error as Error)}` };
  }
}

/** A file's bytes to pixels, as an import does. */
export async function decodeBytes(
  bytes: Uint8Array,
  { shape, fit }: DecodeSpec,
  admit: Admit,
): Promise<{ pixels: Uint8Array } | { reason: string }> {
  try {
    requireImage(bytes);
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { pixels } = await pictureOf(whole, shape, fit, admit);
    return { pixels };
  } catch (error) {
    return { reason: refusalOf(bytes, error as Error) };
  }
}

/** The values that occur in a mask's pixels; null where it cannot be read, for which decoding gives the reason. */
export async function scanAny(file: string, admit: Admit): Promise<MaskValues | null> {
  try {
    const { bytes } = await readWhole(file, admit);
    return valuesOf(await readMask(bytes, admit));
  } catch {
    return null;
  }
}

async function pictureOf(
  bytes: Buffer,
  shape: DecodeSpec['shape'],
  fit: DecodeSpec['fit'],
  admit: Admit,
): Promise<PlainPicture> {
  const plain = plainPicture(bytes, shape, fit);
  if (plain) return plain;
  const [channels, height, width] = shape;
  const sharp = await loadSharp();
  const metadata = await sharp(bytes, OPTIONS).metadata();
  await admitPicture(bytes, metadata, 0, admit);
  // Transparency becomes white; of an animation the first frame is used.
  const data = await sharp(bytes, OPTIONS)
    .flatten({ background: '#ffffff' })
    .resize({ width, height, fit, background: '#000000' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
  const wanted = channels * height * width;
  if (data.length !== wanted) throw new Error(`decodes to ${data.length} bytes where ${wanted} are wanted`);
  return { pixels: data as Uint8Array, extent: metadata.autoOrient };
}

/** Bytes per pixel of a plain PNG: filtered and unfiltered RGB. */
const PLAIN_MASK = 6;

/** Reads a mask. For palettes the index counts, as in Pascal VOC. @throws sharp's errors */
async function readMask(bytes: Buffer, admit: Admit): Promise<RawMask> {
  const png = pngHeader(bytes);
  if (png) {
    requireExtent(png);
    await admit(bytes.length + PLAIN_MASK * png.width * png.height, png.width * png.height);
    const plain = readPlainMask(bytes, MOST_PIXELS);
    if (plain) return plain;
  }
  const sharp = await loadSharp();
  const metadata = await sharp(bytes, OPTIONS).metadata();
  await admitPicture(bytes, metadata, Math.min(4, metadata.channels), admit);
  const { data, info } = await sharp(bytes, { failOn: 'error', limitInputPixels: MOST_PIXELS })
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data };
}

/** Checks the header against the limits and waits for memory. @param kept bytes kept per pixel */
async function admitPicture(bytes: Buffer, metadata: Metadata, kept: number, admit: Admit): Promise<void> {
  const { width, height, format } = metadata;
  requireExtent({ width, height });
  const pixels = width * height;
  const wanted = bytes.length + bytesToDecode(metadata) + kept * pixels;
  if (wanted > DECODING_BYTES) {
    throw new ImageRefusal(
      `Decoding this ${format} of ${width}×${height} pixels takes ${inMegabytes(wanted)} of memory, at most ${inMegabytes(DECODING_BYTES)} are used: save it smaller, or as a JPEG.`,
    );
  }
  await admit(bytes.length > MOST_PLAIN_BYTES ? DECODING_BYTES : wanted, pixels);
}

/** libvips buffers about so many rows while reading an image row by row. */
const LIBVIPS_ROWS = 800;

/**
 * The memory that libvips takes to decode and resize, estimated from measurements of the largest files of each format.
 */
function bytesToDecode({ format, width, height, channels, depth, isProgressive }: Metadata): number {
  const sample = channels * (depth === 'uchar' ? 1 : depth === 'ushort' ? 2 : 4);
  const rows = LIBVIPS_ROWS * width * sample;
  return rows + width * height * bytesOfPixel(format, sample, isProgressive);
}

/** Bytes per pixel held where an image is not read row by row. */
function bytesOfPixel(format: string, sample: number, isProgressive: boolean): number {
  if (format === 'heif') return 18;
  if (format === 'gif' || format === 'webp') return 5;
  // 16-bit coefficients.
  if (format === 'jpeg') return isProgressive ? 2 * sample : 0;
  // A TIFF may be a single strip.
  return isProgressive || format === 'tiff' ? sample : 0;
}

/** A file's bytes, and the stamp that it had when they were read. @throws Refusal where it is too large, or no image */
async function readWhole(file: string, admit: Admit): Promise<{ bytes: Buffer; stamp: string }> {
  const size = withRegularFile(file, (handle, stats) => {
    requireFileSize(stats.size);
    const head = Buffer.alloc(SIGNATURE_BYTES);
    requireImage(head.subarray(0, readSync(handle, head, 0, SIGNATURE_BYTES, 0)));
    return stats.size;
  });
  // Very large files are read when no others are.
  if (size > MOST_PLAIN_BYTES) await admit(DECODING_BYTES, 0);
  return withRegularFile(file, (handle, stats) => {
    const bytes = Buffer.allocUnsafe(Math.min(size, stats.size));
    return { bytes: bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0)), stamp: stampOf(stats) };
  });
}
