/**
 * Images with a mask for each: two folders beside one another, files of the same name. A mask's pixels are numbers
 * of classes (a grey or palette PNG) or colours. Names of classes come from classes.txt, one a line, or
 * class_dict.csv (name, r, g, b). Folders train, val and test around the two, or within both, give the split.
 *
 * Folders within the folder of images are classes of the images; without them, all are one.
 */
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import type { Split } from '../../../../bridge/datasetCalls.ts';
import type { Reject } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import { Decoders } from '../decode/decoders.ts';
import { colourName, type MaskCode, MOST_MASK_VALUES } from '../decode/maskCode.ts';
import { MOST_NAME, MOST_NAMES_BYTES } from '../limits.ts';
import { quoted } from '../quote.ts';
import type { FormatOptions, FormatReader } from './datasetFormat.ts';
import { Listing, stemOf } from './fileListing.ts';
import { type FileEntry, sourceOfFiles } from './imageFiles.ts';
import { readRegularFile } from './readSmallFile.ts';
import { splitNamed } from './splitNames.ts';
import { type Admits, byCodeUnits, entriesIn, type FoundFile } from './walkFolder.ts';

const IMAGE_FOLDERS = /^(images?|imgs?|photos?|pictures?|jpegimages|leftimg8bit)$/i;
const MASK_FOLDERS = /^(masks?|labels?|annotations?|segmentation(class)?|segmentations|gt|gtfine|labelids)$/i;
const MASK_ENDING = /[-_](mask|label|labels|gt|seg|segmentation|l)$/i;
const ONE_CLASS = 'image';

export const masks: FormatReader = {
  name: 'masks',
  async recognise(folder, admits) {
    const [pair] = await pairsIn(folder, admits);
    return pair && `the folder ${pair.masks} holds masks for the folder ${pair.images}`;
  },
  async open(folder, options) {
    const pairs = await pairsIn(folder, options.admits);
    if (pairs.length === 0)
      throw new UserError(`${folder} holds no folder “images” with a folder “masks” beside it.`);
    const { found, rejects } = matchFiles(await Listing.of(folder, options), pairs);
    if (found.length === 0) throw new UserError(`No image in ${folder} has a mask of the same name.`);
    const classes = [...new Set(found.map(({ className }) => className))].sort(byCodeUnits);
    const labels = new Map(classes.map((name, label) => [name, label]));
    const entries = found.map(
      ({ className, ...rest }): FileEntry => ({ ...rest, label: labels.get(className)! }),
    );
    const code = await codeOf(entries, options);
    const { maskClasses, notes } = await namesOf(folder, code, options.admits);
    return sourceOfFiles({ folder, classes, entries, rejects, notes, maskClasses, masks: code }, options);
  },
};

interface Pair {
  /** Paths relative to the folder. */
  images: string;
  masks: string;
  split: Split | null;
}

async function pairsIn(folder: string, admits: Admits): Promise<Pair[]> {
  const here = await pairIn(folder, '', null, admits);
  if (here) return [here];
  const pairs: Pair[] = [];
  for (const name of await foldersIn(folder, admits)) {
    const split = splitNamed(name);
    const pair = split && (await pairIn(folder, `${name}/`, split, admits));
    if (pair) pairs.push(pair);
  }
  return pairs;
}

async function pairIn(
  folder: string,
  prefix: string,
  split: Split | null,
  admits: Admits,
): Promise<Pair | undefined> {
  const names = await foldersIn(join(folder, prefix), admits);
  const images = names.find(name => IMAGE_FOLDERS.test(name));
  const masksFolder = names.find(name => MASK_FOLDERS.test(name));
  if (!images || !masksFolder) return undefined;
  // COCO's annotations are in such a folder, too, but are no images.
  const inside = await entriesIn(join(folder, prefix, masksFolder), admits).catch(() => []);
  if (inside.every(({ name }) => /\.(json|xml|txt|csv)$/i.test(name))) return undefined;
  return { images: prefix + images, masks: prefix + masksFolder, split };
}

async function foldersIn(folder: string, admits: Admits): Promise<string[]> {
  const entries: Dirent[] = await entriesIn(folder, admits).catch(() => []);
  return entries
    .filter(entry => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort(byCodeUnits);
}

type FoundImage = Omit<FileEntry, 'label'> & { className: string };

function matchFiles(listing: Listing, pairs: readonly Pair[]): { found: FoundImage[]; rejects: Reject[] } {
  const rejects: Reject[] = [...listing.rejects];
  const found: FoundImage[] = [];
  const seen = new Set<string>();
  for (const pair of pairs) {
    const within = (folder: string) => listing.files.filter(({ path }) => path.startsWith(`${folder}/`));
    const ofStem = new Map(
      within(pair.masks).map(file => [stemIn(file, pair.masks).replace(MASK_ENDING, ''), file]),
    );
    for (const image of within(pair.images)) {
      seen.add(image.path);
      const mask = ofStem.get(stemIn(image, pair.images));
      if (!mask) {
        rejects.push({ path: image.path, reason: `There is no mask of its name in ${pair.masks}.` });
        continue;
      }
      seen.add(mask.path);
      found.push({ ...image, mask: mask.file, ...placeOf(image, pair) });
    }
  }
  for (const { path } of listing.files) {
    if (seen.has(path) || path === 'classes.txt' || path === 'class_dict.csv') continue;
    rejects.push({ path, reason: 'It is neither an image nor the mask of one.' });
  }
  return { found, rejects };
}

/** A file's path within a folder, without extension. */
function stemIn({ path }: FoundFile, folder: string): string {
  const inner = path.slice(folder.length + 1);
  const at = inner.lastIndexOf('/');
  return (at < 0 ? '' : inner.slice(0, at + 1)) + stemOf(inner);
}

/** The meaning of the folders between: a split or a class. */
function placeOf({ path }: FoundFile, { images, split }: Pair): { className: string; split: Split | null } {
  const [first, ...rest] = path
    .slice(images.length + 1)
    .split('/')
    .slice(0, -1);
  if (first === undefined) return { className: ONE_CLASS, split };
  const named = split === null ? splitNamed(first) : undefined;
  return named ? { className: rest[0] ?? ONE_CLASS, split: named } : { className: first, split };
}

/** Reads all masks to determine the values of their pixels. */
async function codeOf(entries: readonly FileEntry[], { signal }: FormatOptions): Promise<MaskCode> {
  const decoders = new Decoders({ shape: [1, 1, 1], fit: 'fill', masks: null });
  const [numbers, colours] = [new Set<number>(), new Set<number>()];
  try {
    for await (const found of decoders.scan(
      entries.map(({ mask }) => mask!),
      signal,
    )) {
      const into = found?.by === 'index' ? numbers : colours;
      for (const value of found?.values ?? []) into.add(value);
      if (colours.size > MOST_MASK_VALUES) {
        throw new UserError(
          `The masks have more than ${MOST_MASK_VALUES} colours: save them without loss and without soft edges.`,
        );
      }
    }
  } finally {
    await decoders.close(signal);
  }
  if (colours.size === 0) return { by: 'index', values: indexValues(numbers) };
  for (const number of numbers) colours.add(number * 0x010101);
  return { by: 'colour', values: [...colours].sort((a, b) => a - b) };
}

/**
 * Class indices from 0 to the largest; a separate 255 means unlabelled, or the object if it is the only other value.
 */
function indexValues(numbers: ReadonlySet<number>): number[] {
  const highest = Math.max(0, ...[...numbers].filter(number => number !== 255));
  const classes = Array.from({ length: highest + 1 }, (_, number) => number);
  return numbers.has(255) ? [...classes, 255] : classes;
}

async function namesOf(
  folder: string,
  { by, values }: MaskCode,
  admits: Admits,
): Promise<{ maskClasses: string[]; notes: string[] }> {
  const read = async (name: string) =>
    String(await readRegularFile(join(folder, name), MOST_NAMES_BYTES, admits).catch(() => ''))
      .split(/\r?\n/)
      .map(line => quoted(line, MOST_NAME));
  const listed = (await read('classes.txt')).map(line => line.trim()).filter(line => line !== '');
  const coloured = new Map(
    (await read('class_dict.csv')).flatMap(line => {
      const [name, r, g, b] = line.split(',').map(part => part.trim());
      const colour = (Number(r) << 16) | (Number(g) << 8) | Number(b);
      return b !== undefined && Number.isFinite(Number(r)) ? [[colour, name!] as const] : [];
    }),
  );
  const isVoid = by === 'index' && values.length > 2 && values.at(-1) === 255;
  const maskClasses = values.map((value, place) => {
    if (isVoid && value === 255) return 'void';
    if (by === 'colour') return coloured.get(value) ?? (value === 0 ? 'ground' : colourName(value));
    return listed[place] ?? (place === 0 ? 'ground' : values.length === 2 ? 'thing' : `class ${place}`);
  });
  const notes = isVoid
    ? [`Pixels of the number 255 are of no class: let the loss ignore class ${values.length - 1}, “void”.`]
    : [];
  return { maskClasses, notes };
}
