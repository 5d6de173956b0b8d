/**
 * What formats with image files share: determining one shape for all, and decoding in threads.
 *
 * By default the shape is the most common size if that is small, else 224 × 224; grey if all images are.
 */
import type { Preparation } from '../../../../bridge/datasetCalls.ts';
import { UserError } from '../../../userError.ts';
import { Decoders, decodeInProcess } from '../decode/decoders.ts';
import type { MaskCode } from '../decode/maskCode.ts';
import { type DecodeJob, type ImageHeader, readPlainHeader } from '../decode/plainPicture.ts';
import { inOrder } from '../import/inOrder.ts';
import type { FormatEntry, FormatOptions, Known, Result, Source } from './datasetFormat.ts';

/** Larger sizes are reduced to `DEFAULT_SIDE`, the usual input of networks for photographs. */
const LARGEST_SIDE = 256;
const DEFAULT_SIDE = 224;
/** How many headers are read to learn sizes and colours. */
const SAMPLED_HEADERS = 1000;
const HEADERS_AT_ONCE = 8;

export interface FileEntry extends FormatEntry, Pick<DecodeJob, 'file' | 'mask' | 'box'> {}

export interface ImageFiles extends Pick<Source, 'classes' | 'rejects' | 'notes' | 'maskClasses'> {
  folder: string;
  entries: readonly FileEntry[];
  /** The meaning of mask pixels, where entries have masks. */
  masks?: MaskCode;
}

/** @throws UserError where not one of the files can be read */
export async function sourceOfFiles(files: ImageFiles, options: FormatOptions): Promise<Source> {
  const { folder, entries, masks = null, classes, rejects, notes, maskClasses } = files;
  const { signal, preparation: wanted } = options;
  const sample = await sampleHeaders(entries, signal);
  if (sample.length === 0) {
    const why = await reasonAgainst(entries[0]!, wanted, signal);
    throw new UserError(`None of the files in ${folder} is an image that can be read. ${why}`);
  }
  const { imageShape, preparation } = prepare(sample, wanted, options.imageShape);
  return {
    ...{ classes, entries, rejects, imageShape, preparation },
    ...(notes && { notes }),
    ...(maskClasses && { maskClasses }),
    boxed: entries.every(({ box }) => box !== undefined),
    pictures: (stop, known) => decodeAll(entries, { shape: imageShape, fit: wanted.fit, masks }, stop, known),
  };
}

/** Why a file cannot be used, in a sentence. */
async function reasonAgainst(entry: FileEntry, { fit }: Preparation, signal: AbortSignal): Promise<string> {
  for await (const [result] of decodeAll([entry], { shape: [3, 1, 1], fit, masks: null }, signal))
    if (result && 'reason' in result) return `The first of them is ${entry.path}: ${result.reason}`;
  return `The first of them is ${entry.path}.`;
}

async function* decodeAll(
  entries: readonly FileEntry[],
  spec: ConstructorParameters<typeof Decoders>[0],
  signal: AbortSignal,
  known: Known = () => undefined,
): AsyncGenerator<Result[]> {
  const jobs = entries.values().map(({ file, mask, box }, index): DecodeJob => {
    return { file, known: known(index), ...(mask !== undefined && { mask }), ...(box && { box }) };
  });
  const decoders = new Decoders(spec);
  try {
    yield* decoders.decode(jobs, signal);
  } finally {
    await decoders.close(signal);
  }
}

/** The headers of images spread evenly over the list. */
async function sampleHeaders(entries: readonly FileEntry[], signal: AbortSignal): Promise<ImageHeader[]> {
  const every = Math.max(1, Math.floor(entries.length / SAMPLED_HEADERS));
  const chosen = entries.filter((_, index) => index % every === 0);
  const headers: ImageHeader[] = [];
  for await (const header of inOrder(chosen, HEADERS_AT_ONCE, signal, ({ file }) => headerOf(file, signal))) {
    if (header) headers.push(header);
  }
  return headers;
}

/** Null where the file is no readable image; decoding it tells why. */
async function headerOf(file: string, signal: AbortSignal): Promise<ImageHeader | null> {
  try {
    const plain = readPlainHeader(file);
    if (plain) return plain;
  } catch {
    return null;
  }
  return (await decodeInProcess({ header: file }, signal)).header ?? null;
}

const FITTED: Readonly<Record<Preparation['fit'], string>> = {
  contain: 'fitted whole, the rest black',
  cover: 'cut to the middle',
  fill: 'stretched',
};

function prepare(
  sample: readonly ImageHeader[],
  { size, fit, colour }: Preparation,
  decided?: Source['imageShape'],
): Pick<Source, 'imageShape' | 'preparation'> {
  const sizes = Map.groupBy(sample, ({ height, width }) => `${height}×${width}`);
  const [common] = [...sizes.values()].reduce((a, b) => (b.length > a.length ? b : a)) as [ImageHeader];
  const isSmall = common.height <= LARGEST_SIDE && common.width <= LARGEST_SIDE;
  const isGrey = colour === 'grey' || (colour === 'auto' && sample.every(({ grey }) => grey));
  const found = isSmall ? common : { height: DEFAULT_SIDE, width: DEFAULT_SIDE };
  const [height, width] = decided?.slice(1) ?? [(size ?? found).height, (size ?? found).width];
  const channels = decided?.[0] ?? (isGrey ? 1 : 3);
  const name = `${height}×${width}`;
  const asTheyAre = sizes.size === 1 && sizes.has(name);
  const parts = [
    channels === 1 ? 'grey' : 'RGB',
    name,
    ...(size === null && isSmall && sizes.has(name) ? ['the most common size'] : []),
  ];
  const sentence = parts.join(', ') + (asTheyAre ? '' : `; others ${FITTED[fit]}`);
  return { imageShape: [channels, height!, width!], preparation: sentence };
}
