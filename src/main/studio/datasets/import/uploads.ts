/**
 * Files uploaded by a browser, collected in a folder of the workspace until they are imported. Paths cannot leave that
 * folder; unfinished uploads are removed at the next start.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Id, newId } from '../../../../bridge/ids.ts';
import { idFolder } from '../../../database/idFolders.ts';
import type { Removals } from '../../../database/removals.ts';
import type { Workspace } from '../../../database/workspace.ts';
import { UserError } from '../../../userError.ts';
import { quoted } from '../quote.ts';

interface Upload {
  name: string;
  files: number;
  bytes: number;
}

/** A file's contents, at once or as a stream. */
export type FileContent = Uint8Array | AsyncIterable<Uint8Array>;

/** Limits of one upload; larger datasets are better imported from their disk. */
const MOST_UPLOADED_FILES = 1_000_000;
const MOST_UPLOADED_BYTES = 64 * 2 ** 30;

export class Uploads {
  readonly #workspace: string;
  readonly #removals: Removals;
  readonly #open = new Map<Id, Upload>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace.folder;
    this.#removals = workspace.removals;
  }

  async begin(name: string): Promise<Id> {
    const id = newId();
    this.#removals.noteForNextOpening('uploads', id);
    await mkdir(this.#folderOf(id), { recursive: true });
    this.#open.set(id, { name, files: 0, bytes: 0 });
    return id;
  }

  /**
   * Stores a file, with backpressure. It appears once it is complete; of an aborted one nothing remains.
   *
   * @throws UserError where the upload is not open or too large, or the path would leave it
   */
  async put(id: Id, relativePath: string, content: FileContent): Promise<void> {
    const upload = this.#get(id);
    const path = join(this.#folderOf(id), ...partsOf(relativePath));
    const part = join(this.#folderOf(id), `.${newId()}.part`);
    try {
      await pipeline(Readable.from(content), counted(upload), createWriteStream(part));
      // It may have been cancelled meanwhile.
      this.#get(id);
      await mkdir(dirname(path), { recursive: true });
      await rename(part, path);
    } catch (error) {
      await unlink(part).catch(() => {});
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC') throw new UserError('The disk is full: the file was not kept.');
      if (error instanceof UserError || code === undefined) throw error;
      throw new UserError(`The file ${quoted(relativePath)} could not be kept (${code}).`);
    }
    upload.files++;
  }

  /** Closes an upload. The caller imports its folder and then removes it. */
  async finish(id: Id): Promise<{ name: string; folder: string }> {
    const { name, files } = this.#get(id);
    this.#open.delete(id);
    if (files > 0) return { name, folder: await contentOf(this.#folderOf(id)) };
    await this.remove(id);
    throw new UserError('Nothing was uploaded.');
  }

  /** Removes an open upload; a finished one belongs to its import. */
  async cancel(id: Id): Promise<void> {
    if (this.#open.has(id)) await this.remove(id);
  }

  /** Removes one that is open, or finished and imported. */
  async remove(id: Id): Promise<void> {
    this.#open.delete(id);
    this.#removals.note('uploads', id);
    await this.#removals.sweep();
  }

  #folderOf(id: Id): string {
    return idFolder(this.#workspace, 'uploads', id);
  }

  #get(id: Id): Upload {
    const upload = this.#open.get(id);
    if (!upload) throw new UserError('This upload is not open any more: start it again.');
    return upload;
  }
}

/** Adds the bytes that pass to the upload's size. */
function counted(upload: Upload) {
  return async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      upload.bytes += piece.length;
      if (upload.bytes > MOST_UPLOADED_BYTES || upload.files >= MOST_UPLOADED_FILES)
        throw new UserError(
          `An upload can bring ${MOST_UPLOADED_FILES.toLocaleString('en')} files and ${MOST_UPLOADED_BYTES / 2 ** 30} GiB at most: import the folder from disk instead.`,
        );
      yield piece;
    }
  };
}

/** The components of a file's path, validated. */
function partsOf(path: string): string[] {
  const parts = path.split('/');
  const fine = parts.every(part => part !== '' && part !== '.' && part !== '..' && !/[\0\\]/.test(part));
  if (!fine || /^[A-Za-z]:/.test(path)) {
    throw new UserError(`${JSON.stringify(quoted(path))} is no path of a file below the dropped folder.`);
  }
  return parts;
}

/** The contents of a single uploaded folder are meant, not the folder. */
async function contentOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const [only] = entries;
  return entries.length === 1 && only!.isDirectory() ? join(folder, only!.name) : folder;
}
