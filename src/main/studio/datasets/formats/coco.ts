/**
 * COCO JSON with boxes: images, annotations, categories. A dataset here has one object per image: of several, the
 * largest box is used, which the report mentions. Files named train, val and test, as in instances_train2017.json, give
 * the split.
 *
 * Format: https://cocodataset.org/#format-data.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { Split } from '../../../../bridge/datasetCalls.ts';
import type { Reject } from '../../../database/datasetRows.ts';
import { openRegularFile, streamOfRegularFile } from '../../../regularFile.ts';
import { UserError } from '../../../userError.ts';
import {
  MOST_ANNOTATIONS,
  MOST_CLASSES,
  MOST_IMAGES,
  MOST_JSON_BYTES,
  MOST_JSON_ID,
  MOST_JSON_PATH,
  MOST_NAME,
} from '../limits.ts';
import { quoted } from '../quote.ts';
import type { FormatReader } from './datasetFormat.ts';
import { Listing, stemOf } from './fileListing.ts';
import { type FileEntry, sourceOfFiles } from './imageFiles.ts';
import { jsonItems } from './jsonItems.ts';
import { splitNamed } from './splitNames.ts';
import { type Admits, byCodeUnits, filesIn } from './walkFolder.ts';

const id = z.union([z.number(), z.string().max(MOST_JSON_ID)]);
const schemas = {
  images: z.object({ id, file_name: z.string().max(MOST_JSON_PATH) }),
  annotations: z.object({ image_id: id, category_id: id, bbox: z.array(z.number()).length(4).optional() }),
  categories: z.object({ id, name: z.string().max(MOST_NAME) }),
};

type Coco = { [List in keyof typeof schemas]: z.infer<(typeof schemas)[List]>[] };

const LIST_NAMES = Object.keys(schemas) as (keyof Coco)[];
/** Of all files of a folder. */
const MOST_ITEMS: Readonly<Record<keyof Coco, number>> = {
  images: MOST_IMAGES,
  annotations: MOST_ANNOTATIONS,
  categories: MOST_CLASSES,
};

/** Folders that may contain the JSON. */
const JSON_FOLDERS = ['', 'annotations'];
export const coco: FormatReader = {
  name: 'coco',
  async recognise(folder, admits) {
    const [file] = await jsonFiles(folder, admits);
    return file && `${file} lists images, annotations and categories`;
  },
  async open(folder, options) {
    const files = await jsonFiles(folder, options.admits);
    if (files.length === 0)
      throw new UserError(`${folder} holds no JSON with images, annotations and categories.`);
    const listing = await Listing.of(folder, options);
    await requireBytes(folder, files);
    const parts: { name: string; split: Split | null; coco: Coco }[] = [];
    const counts = { images: 0, annotations: 0, categories: 0 };
    for (const name of files)
      parts.push({ name, split: splitOf(name), coco: await readCoco(folder, name, counts, options.signal) });
    const names = new Set(parts.flatMap(({ coco: { categories } }) => categories.map(({ name }) => name)));
    const classes = [...names].sort(byCodeUnits);
    const several = parts.length > 1;
    const gathered = parts.map(part => entriesOf(part.coco, several ? part.split : null, classes, listing));
    const entries = gathered.flatMap(part => part.entries);
    if (entries.length === 0) throw new UserError(`No image of ${files[0]} has both a file and a box.`);
    const crowded = gathered.reduce((sum, part) => sum + part.crowded, 0);
    const notes = crowded
      ? [
          `${crowded} of ${entries.length} images show several things: the largest box of each is what counts.`,
        ]
      : [];
    const rejects = [
      ...notListed(
        listing,
        gathered.flatMap(part => part.named),
        files,
      ),
      ...gathered.flatMap(part => part.rejects),
    ];
    return sourceOfFiles({ folder, classes, entries, rejects, notes }, options);
  },
};

async function jsonFiles(folder: string, admits: Admits): Promise<string[]> {
  const found: string[] = [];
  for (const place of JSON_FOLDERS) {
    const names = await filesIn(join(folder, place), admits).catch(() => []);
    for (const name of names.filter(each => each.endsWith('.json'))) {
      const path = place === '' ? name : `${place}/${name}`;
      if (await looksLikeCoco(join(folder, path))) found.push(path);
    }
  }
  return found;
}

/** False for COCO's other annotations (captions, keypoints), which are ignored. */
async function looksLikeCoco(file: string): Promise<boolean> {
  if (/captions|person_keypoints|panoptic/.test(file)) return false;
  const missing = new Set(LIST_NAMES.map(list => `"${list}"`));
  try {
    // Reported when it is opened.
    if ((await bytesOf(file)) > MOST_JSON_BYTES) return true;
    let tail: Buffer = Buffer.alloc(0);
    for await (const chunk of await streamOfRegularFile(file)) {
      const bytes = Buffer.concat([tail, chunk]);
      for (const key of missing) if (bytes.includes(key)) missing.delete(key);
      if (missing.size === 0) return true;
      // A key may span two chunks.
      tail = bytes.subarray(-LONGEST_KEY);
    }
  } catch {
    // What cannot be read is not looked at further.
  }
  return false;
}

const LONGEST_KEY = '"annotations"'.length;

async function bytesOf(file: string): Promise<number> {
  const { handle, stats } = await openRegularFile(file);
  await handle.close();
  return stats.size;
}

/** @throws UserError where the files are too large together */
async function requireBytes(folder: string, names: readonly string[]): Promise<void> {
  let bytes = 0;
  for (const name of names) {
    bytes += await bytesOf(join(folder, name));
    if (bytes <= MOST_JSON_BYTES) continue;
    throw new UserError(
      names.length === 1
        ? `${name} is larger than 1 GB: split it, and import its parts one by one.`
        : `The JSON files in ${folder} are larger than 1 GB together: import them one by one.`,
    );
  }
}

function splitOf(name: string): Split | null {
  const word = /(train|val|test)(?=\d*\.json$)/i.exec(name)?.[1];
  return splitNamed(word ?? stemOf(name)) ?? null;
}

/** @param counts numbers of items in the files read before, to which this file's are added */
async function readCoco(
  folder: string,
  name: string,
  counts: Record<keyof Coco, number>,
  signal: AbortSignal,
): Promise<Coco> {
  const file = join(folder, name);
  const found: Coco = { images: [], annotations: [], categories: [] };
  for await (const items of jsonItems(file, name, new Set(LIST_NAMES), signal)) {
    for (const { key, value } of items) {
      const list = key as keyof Coco;
      const parsed = schemas[list].safeParse(value);
      if (!parsed.success) {
        const { path, message } = parsed.error.issues[0]!;
        const place = quoted([list, found[list].length, ...path].join('.'));
        throw new UserError(`${name} is not what COCO writes: at ${place}: ${quoted(message)}.`);
      }
      if (++counts[list] > MOST_ITEMS[list])
        throw new UserError(`With ${name} there are more than ${MOST_ITEMS[list]} ${list}: split it.`);
      (found[list] as unknown[]).push(parsed.data);
    }
  }
  return found;
}

function entriesOf(coco: Coco, split: Split | null, classes: readonly string[], listing: Listing) {
  const places = new Map(classes.map((name, label) => [name, label]));
  const labels = new Map(coco.categories.map(({ id: category, name }) => [category, places.get(name)!]));
  const boxed = coco.annotations.filter(
    ({ bbox, category_id }) => bbox && bbox[2]! > 0 && bbox[3]! > 0 && labels.has(category_id),
  );
  const ofImage = Map.groupBy(boxed, ({ image_id }) => image_id);
  const entries: FileEntry[] = [];
  const rejects: Reject[] = [];
  const named: string[] = [];
  let crowded = 0;
  for (const image of coco.images) {
    const found = listing.find(image.file_name);
    if ('reason' in found) {
      rejects.push({ path: quoted(image.file_name, MOST_NAME), reason: found.reason });
      continue;
    }
    named.push(found.path);
    const things = ofImage.get(image.id) ?? [];
    if (things.length === 0) {
      rejects.push({ path: found.path, reason: 'No annotation gives it a box.' });
      continue;
    }
    if (things.length > 1) crowded++;
    const largest = things.reduce((a, b) => (areaOf(b.bbox!) > areaOf(a.bbox!) ? b : a));
    const box = largest.bbox as [number, number, number, number];
    entries.push({ ...found, label: labels.get(largest.category_id)!, split, box });
  }
  return { entries, rejects, named, crowded };
}

const areaOf = (box: readonly number[]) => box[2]! * box[3]!;

function notListed(listing: Listing, named: readonly string[], files: readonly string[]): Reject[] {
  const known = new Set([...named, ...files]);
  const others = listing.files.filter(({ path }) => !known.has(path));
  return [...listing.rejects, ...others.map(({ path }) => ({ path, reason: 'No annotation names it.' }))];
}
