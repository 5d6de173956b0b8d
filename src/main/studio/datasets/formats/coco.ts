/**
 * COCO's JSON of boxes: images, annotations, categories. A dataset here knows one thing in each image: where
 * there are several, the largest box decides, and the report says so. Files named train, val and test, as in
 * instances_train2017.json, give the split.
 *
 * Format: https://cocodataset.org/#format-data.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Split } from '../../../../bridge/datasets.ts';
import type { Reject } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import { byCodeUnits } from '../walk.ts';
import type { DatasetFormat } from './format.ts';
import { type FileEntry, sourceOfFiles } from './imageFiles.ts';
import { Listing, stemOf } from './listing.ts';
import { splitNamed } from './splitNames.ts';

const id = z.union([z.number(), z.string()]);
const schema = z.object({
  images: z.array(z.object({ id, file_name: z.string() })),
  annotations: z.array(
    z.object({ image_id: id, category_id: id, bbox: z.array(z.number()).length(4).optional() }),
  ),
  categories: z.array(z.object({ id, name: z.string() })),
});

type Coco = z.infer<typeof schema>;

/** Where the JSON may lie. */
const PLACES = ['', 'annotations'];
/** Looked at to tell COCO's JSON from any other. */
const HEAD_KEYS = /"(images|annotations|categories)"\s*:/;
/** V8 holds no longer text than this. */
const LARGEST_JSON = 2 ** 29 - 25;

export const coco: DatasetFormat = {
  name: 'coco',
  async recognise(folder) {
    const [file] = await jsonFiles(folder);
    return file && `${file} lists images, annotations and categories`;
  },
  async open(folder, options) {
    const files = await jsonFiles(folder);
    if (files.length === 0)
      throw new UserError(`${folder} holds no JSON with images, annotations and categories.`);
    const listing = await Listing.of(folder, options);
    const parts: { name: string; split: Split | null; coco: Coco }[] = [];
    for (const name of files) parts.push({ name, split: splitOf(name), coco: await readCoco(folder, name) });
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

async function jsonFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const place of PLACES) {
    const names = await readdir(join(folder, place)).catch(() => []);
    for (const name of names.filter(each => each.endsWith('.json')).sort(byCodeUnits)) {
      const path = place === '' ? name : `${place}/${name}`;
      if (await looksLikeCoco(join(folder, path))) found.push(path);
    }
  }
  return found;
}

/** Other annotations of COCO (captions, keypoints of persons) lie beside those of boxes: they are passed over. */
async function looksLikeCoco(file: string): Promise<boolean> {
  if (/captions|person_keypoints|panoptic/.test(file)) return false;
  try {
    if ((await stat(file)).size > LARGEST_JSON) return true;
    const text = await readFile(file, 'utf8');
    return (
      HEAD_KEYS.test(text) && ['"images"', '"annotations"', '"categories"'].every(key => text.includes(key))
    );
  } catch {
    return false;
  }
}

function splitOf(name: string): Split | null {
  const word = /(train|val|test)(?=\d*\.json$)/i.exec(name)?.[1];
  return splitNamed(word ?? stemOf(name)) ?? null;
}

async function readCoco(folder: string, name: string): Promise<Coco> {
  const file = join(folder, name);
  if ((await stat(file)).size > LARGEST_JSON) throw new UserError(`${name} is larger than 512 MB: split it.`);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${name} is no JSON: ${(error as Error).message}.`);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new UserError(`${name} is not what COCO writes: at ${path.join('.')}: ${message}.`);
}

function entriesOf(coco: Coco, split: Split | null, classes: readonly string[], listing: Listing) {
  const labels = new Map(coco.categories.map(({ id: category, name }) => [category, classes.indexOf(name)]));
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
      rejects.push({ path: image.file_name, reason: found.reason });
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
