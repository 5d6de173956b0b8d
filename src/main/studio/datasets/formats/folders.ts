/**
 * Class folders: each folder's name is the class of the images in it, as in torchvision's ImageFolder. Folders
 * named train, val and test above them give the split. Every file that is no usable image is reported.
 *
 * All images get one shape: the most common size among them where it is small, else 224 × 224; grey where all are.
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split } from '../../../../bridge/contract.ts';
import type { Reject } from '../../../database/datasets.ts';
import { UserError } from '../../../userError.ts';
import { DECODERS, decode, type ImageHeader, readHeader } from '../decode.ts';
import { inOrder } from '../inOrder.ts';
import { byCodeUnits, isNoise, type WalkOptions, walk } from '../walk.ts';
import type { DatasetFormat, Entry, Source } from './format.ts';

const SPLIT_NAMES: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'test',
  testing: 'test',
};

/** A larger common size is brought down to `DEFAULT_SIDE`, what networks for photographs expect. */
const LARGEST_SIDE = 256;
const DEFAULT_SIDE = 224;
/** How many headers are read to learn sizes and colours. */
const SAMPLE = 1000;

interface FileEntry extends Entry {
  file: string;
}

export const folders: DatasetFormat = {
  name: 'folders',
  async recognise(folder) {
    const { classFolders } = await layoutOf(folder);
    return classFolders.length > 0 ? 'it holds folders, one for each class' : undefined;
  },
  open: openFolders,
};

async function openFolders(folder: string, options: WalkOptions): Promise<Source> {
  const { classes, entries, rejects } = await listImages(folder, options);
  if (entries.length === 0) throw new UserError(`${folder} holds no images in its folders.`);
  const sample = await sampleHeaders(entries, options.signal);
  if (sample.length === 0)
    throw new UserError(`None of the files in ${folder} is an image that can be read.`);
  const { imageShape, preparation } = prepare(sample);
  return {
    classes,
    imageShape,
    preparation,
    entries,
    rejects,
    pictures: signal => inOrder(entries, DECODERS, signal, ({ file }) => decode(file, imageShape)),
  };
}

interface ClassFolder {
  name: string;
  folder: string;
  path: string;
  split: Split | null;
}

/** Which folders stand for classes, and what lies beside them. */
async function layoutOf(folder: string): Promise<{ classFolders: ClassFolder[]; beside: string[] }> {
  const top = await visible(folder);
  const splitFolders = top.filter(({ name }) => splitOf(name));
  const splits = new Set(splitFolders.map(({ name }) => splitOf(name)));
  const inner = await Promise.all(splitFolders.map(({ name }) => visible(join(folder, name))));
  const isSplit = splits.size > 1 && splits.has('train') && inner.every(list => list.some(mayBeFolder));
  if (!isSplit) return pick(folder, '', null, top);
  const parts = splitFolders.map(({ name }, index) =>
    pick(join(folder, name), `${name}/`, splitOf(name)!, inner[index]!),
  );
  const others = top.filter(entry => !splitFolders.includes(entry)).map(({ name }) => name);
  return {
    classFolders: parts.flatMap(part => part.classFolders),
    beside: [...others, ...parts.flatMap(part => part.beside)],
  };
}

function pick(folder: string, prefix: string, split: Split | null, entries: readonly Dirent[]) {
  const path = (name: string) => prefix + name.normalize('NFC');
  return {
    classFolders: entries.filter(mayBeFolder).map(({ name }) => ({
      name: name.normalize('NFC'),
      folder: join(folder, name),
      path: path(name),
      split,
    })),
    beside: entries.filter(entry => !mayBeFolder(entry)).map(({ name }) => path(name)),
  };
}

const splitOf = (name: string): Split | undefined => SPLIT_NAMES[name.toLowerCase()];

/** A link is taken for a folder; the walk says so where it is none. */
const mayBeFolder = (entry: Dirent) => entry.isDirectory() || entry.isSymbolicLink();

async function visible(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter(({ name }) => !isNoise(name)).sort((a, b) => byCodeUnits(a.name, b.name));
}

async function listImages(folder: string, options: WalkOptions) {
  const { classFolders, beside } = await layoutOf(folder);
  const rejects: Reject[] = beside.map(path => ({ path, reason: 'It lies outside the class folders.' }));
  const found: (Omit<FileEntry, 'label'> & { className: string })[] = [];
  const seen = new Set<string>();
  for (const { name, folder: root, path, split } of classFolders) {
    for await (const item of walk(root, path, options, seen)) {
      if ('reason' in item) rejects.push(item);
      else found.push({ ...item, className: name, split });
    }
  }
  const classes = [...new Set(found.map(({ className }) => className))].sort(byCodeUnits);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const entries = found.map(({ className, ...rest }) => ({ ...rest, label: labels.get(className)! }));
  return { classes, entries, rejects };
}

/** The headers of images spread evenly over the list. */
async function sampleHeaders(entries: readonly FileEntry[], signal: AbortSignal): Promise<ImageHeader[]> {
  const every = Math.max(1, Math.floor(entries.length / SAMPLE));
  const chosen = entries.filter((_, index) => index % every === 0);
  const headers: ImageHeader[] = [];
  for await (const header of inOrder(chosen, DECODERS, signal, ({ file }) => readHeader(file))) {
    if (header) headers.push(header);
  }
  return headers;
}

function prepare(sample: readonly ImageHeader[]): Pick<Source, 'imageShape' | 'preparation'> {
  const sizes = Map.groupBy(sample, ({ height, width }) => `${height}×${width}`);
  const [{ height, width }] = [...sizes.values()].reduce((a, b) => (b.length > a.length ? b : a)) as [
    ImageHeader,
  ];
  const channels = sample.every(({ grey }) => grey) ? 1 : 3;
  const colours = channels === 1 ? 'grey' : 'RGB';
  const small = height <= LARGEST_SIDE && width <= LARGEST_SIDE;
  if (!small) {
    return {
      imageShape: [channels, DEFAULT_SIDE, DEFAULT_SIDE],
      preparation: `${colours}, fitted whole into ${DEFAULT_SIDE}×${DEFAULT_SIDE}, the rest black`,
    };
  }
  const others = sizes.size === 1 ? '' : '; others fitted whole into it, the rest black';
  return {
    imageShape: [channels, height, width],
    preparation: `${colours}, ${height}×${width}, the most common size${others}`,
  };
}
