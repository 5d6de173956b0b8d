/**
 * Lists all files below a folder, in an order that does not depend on the machine. Links are followed where allowed;
 * each folder is read once, so that loops end. What cannot be read is reported.
 *
 * Hidden files and system files (Thumbs.db) are skipped.
 */
import type { Dirent, Stats } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reject } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import { reasonOf } from '../import/readableRoots.ts';
import { MOST_DEPTH, MOST_ENTRIES } from '../limits.ts';

/** A file: its absolute path, and its path relative to the start, in NFC, with slashes. */
export interface FoundFile {
  file: string;
  path: string;
}

export type FoundEntry = FoundFile | Reject;

/** Whether a link may lead to this real path. */
export type Admits = (real: string) => boolean;

export interface WalkOptions {
  signal: AbortSignal;
  admits: Admits;
}

const LEADS_OUT = 'It is a link that leads out of the folders that may be read.';

const LEFTOVERS = new Set(['Thumbs.db', 'desktop.ini', '__MACOSX']);

export function isNoise(name: string): boolean {
  return name.startsWith('.') || LEFTOVERS.has(name);
}

export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Entries read from the disk at once. */
const ENTRIES_AT_ONCE = 1024;

/**
 * The entries of a folder, in no order; none where it is a link out of the allowed folders.
 *
 * @throws UserError where there are more than an import accepts
 */
export async function entriesIn(folder: string, admits: Admits): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  if (!admits(await realpath(folder))) return entries;
  for await (const entry of await opendir(folder, { bufferSize: ENTRIES_AT_ONCE })) {
    if (entries.push(entry) > MOST_ENTRIES) throw tooMany(folder);
  }
  return entries;
}

/**
 * The names of regular files in a folder, in order, without links out of the allowed folders.
 *
 * @throws as `entriesIn`
 */
export async function filesIn(folder: string, admits: Admits): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await entriesIn(folder, admits)) {
    const target = entry.isSymbolicLink() ? await follow(join(folder, entry.name), admits) : entry;
    if (typeof target !== 'string' && target.isFile()) names.push(entry.name);
  }
  return names.sort(byCodeUnits);
}

function tooMany(folder: string): UserError {
  return new UserError(`${folder} holds more than ${MOST_ENTRIES} files and folders: import a part of it.`);
}

/** The state of a walk, or of several related ones. */
export class Walked {
  /** The folders that were read. */
  readonly seen: Set<string>;
  #count = 0;

  constructor(seen = new Set<string>()) {
    this.seen = seen;
  }

  /** @throws UserError where that makes too many */
  add(count: number, folder: string): void {
    this.#count += count;
    if (this.#count > MOST_ENTRIES) throw tooMany(folder);
  }
}

/** Walks `folder`, whose own path relative to the start is `path`. */
export async function* walk(
  folder: string,
  path: string,
  options: WalkOptions,
  walked = new Walked(),
  depth = 0,
): AsyncGenerator<FoundEntry> {
  options.signal.throwIfAborted();
  if (depth > MOST_DEPTH) {
    yield { path, reason: `It lies more than ${MOST_DEPTH} folders deep.` };
    return;
  }
  let entries: Dirent[];
  try {
    if (!options.admits(await realpath(folder))) {
      yield { path, reason: LEADS_OUT };
      return;
    }
    const identity = await identityOf(folder);
    if (walked.seen.has(identity)) {
      yield { path, reason: 'The folder was read already at another place.' };
      return;
    }
    walked.seen.add(identity);
    entries = await entriesIn(folder, options.admits);
  } catch (error) {
    if (error instanceof UserError) throw error;
    yield { path, reason: `The folder ${reasonOf(error)}.` };
    return;
  }
  walked.add(entries.length, folder);
  const visible = entries.filter(({ name }) => !isNoise(name));
  const pathOf = pathsIn(path, visible);
  if (visible.length === 0) yield { path, reason: 'The folder is empty.' };
  for (const entry of visible.sort((a, b) => byCodeUnits(a.name, b.name))) {
    options.signal.throwIfAborted();
    const file = join(folder, entry.name);
    const inner = pathOf(entry.name);
    const target = entry.isSymbolicLink() ? await follow(file, options.admits) : entry;
    if (typeof target === 'string') yield { path: inner, reason: target };
    else if (target.isDirectory()) yield* walk(file, inner, options, walked, depth + 1);
    else if (target.isFile()) yield { file, path: inner };
    else yield { path: inner, reason: 'It is neither a file nor a folder.' };
  }
}

/** The identity of a folder, whichever path leads to it. */
export async function identityOf(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder, { bigint: true });
  return `${dev}:${ino}`;
}

/** Names are in NFC, unless two differ only in normalisation. */
export function pathsIn(path: string, entries: readonly { name: string }[]): (name: string) => string {
  const names = new Set(entries.map(({ name }) => name));
  return name => {
    const nfc = name.normalize('NFC');
    return (path === '' ? '' : `${path}/`) + (names.has(nfc) ? name : nfc);
  };
}

/** The target of a link, or why it may not be followed. */
async function follow(link: string, admits: Admits): Promise<Stats | string> {
  try {
    const real = await realpath(link);
    return admits(real) ? await stat(real) : LEADS_OUT;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'It is a link that leads nowhere.' : `The link ${reasonOf(error)}.`;
  }
}
