/**
 * Class folders, as in torchvision's ImageFolder: each folder's name is the class of its images. Folders named train,
 * val and test above them give the split. Files that are no usable images are reported.
 */
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import type { Split } from '../../../../bridge/datasetCalls.ts';
import type { Reject } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import type { FormatOptions, FormatReader, Source } from './datasetFormat.ts';
import { type FileEntry, sourceOfFiles } from './imageFiles.ts';
import { splitNamed } from './splitNames.ts';
import {
  type Admits,
  byCodeUnits,
  entriesIn,
  identityOf,
  isNoise,
  pathsIn,
  Walked,
  type WalkOptions,
  walk,
} from './walkFolder.ts';

export const folders: FormatReader = {
  name: 'folders',
  async recognise(folder, admits) {
    const { classFolders } = await layoutOf(folder, admits);
    if (classFolders.length === 0) return undefined;
    const names = [...new Set(classFolders.map(({ name }) => name))].slice(0, 3).join(', ');
    return classFolders.some(({ split }) => split)
      ? `it holds a folder for each split, with a folder for each class in it: ${names}`
      : `it holds a folder for each class: ${names}`;
  },
  open: openFolders,
};

async function openFolders(folder: string, options: FormatOptions): Promise<Source> {
  const { classes, entries, rejects } = await listImages(folder, options);
  if (entries.length === 0) throw new UserError(`${folder} holds no images in its folders.`);
  return sourceOfFiles({ folder, classes, entries, rejects }, options);
}

interface ClassFolder {
  name: string;
  folder: string;
  path: string;
  split: Split | null;
}

/** Determines which folders are classes, and what is next to them. */
async function layoutOf(
  folder: string,
  admits: Admits,
): Promise<{ classFolders: ClassFolder[]; beside: string[] }> {
  const top = await visible(folder, admits);
  const splitFolders = top.filter(({ name }) => splitNamed(name));
  const splits = new Set(splitFolders.map(({ name }) => splitNamed(name)));
  const inner = await Promise.all(splitFolders.map(({ name }) => visible(join(folder, name), admits)));
  const isSplit = splits.size > 1 && splits.has('train') && inner.every(list => list.some(mayBeFolder));
  if (!isSplit) return pick(folder, '', null, top);
  const parts = splitFolders.map(({ name }, index) =>
    pick(join(folder, name), name, splitNamed(name)!, inner[index]!),
  );
  const others = top.filter(entry => !splitFolders.includes(entry)).map(({ name }) => name);
  return {
    classFolders: parts.flatMap(part => part.classFolders),
    beside: [...others, ...parts.flatMap(part => part.beside)],
  };
}

function pick(folder: string, prefix: string, split: Split | null, entries: readonly Dirent[]) {
  const path = pathsIn(prefix, entries);
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

/** A link is assumed to be a folder; the walk reports it if it is not. */
const mayBeFolder = (entry: Dirent) => entry.isDirectory() || entry.isSymbolicLink();

/** An unreadable folder counts as empty; one that is too large is reported. */
function emptyUnlessTold(error: unknown): Dirent[] {
  if (error instanceof UserError) throw error;
  return [];
}

async function visible(folder: string, admits: Admits): Promise<Dirent[]> {
  const entries = await entriesIn(folder, admits).catch(emptyUnlessTold);
  return entries.filter(({ name }) => !isNoise(name)).sort((a, b) => byCodeUnits(a.name, b.name));
}

async function listImages(folder: string, options: WalkOptions) {
  const { classFolders, beside } = await layoutOf(folder, options.admits);
  const rejects: Reject[] = beside.map(path => ({ path, reason: 'It lies outside the class folders.' }));
  const found: (Omit<FileEntry, 'label'> & { className: string })[] = [];
  // A link to a parent or another class adds nothing, because each real folder is read once.
  const own = classFolders.map(({ folder: root }) => identityOf(root).catch(() => ''));
  const identities = await Promise.all(own);
  const walked = new Walked(new Set([await identityOf(folder), ...identities]));
  for (const [at, { name, folder: root, path, split }] of classFolders.entries()) {
    if (identities.indexOf(identities[at]!) === at) walked.seen.delete(identities[at]!);
    for await (const item of walk(root, path, options, walked)) {
      if ('reason' in item) rejects.push(item);
      else found.push({ ...item, className: name, split });
    }
  }
  const classes = [...new Set(found.map(({ className }) => className))].sort(byCodeUnits);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const entries = found.map(({ className, ...rest }) => ({ ...rest, label: labels.get(className)! }));
  return { classes, entries, rejects };
}
