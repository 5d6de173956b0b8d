/**
 * Files that a browser sends one by one, gathered in a folder of the workspace until they are imported. No path
 * leaves that folder, and a folder that nobody finished is removed when the workspace is opened next.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Id, newId } from '../../../bridge/ids.ts';
import { idFolder } from '../../database/idFolders.ts';
import type { Removals } from '../../database/removals.ts';
import type { Workspace } from '../../database/workspace.ts';
import { UserError } from '../../userError.ts';

interface Upload {
  name: string;
  files: number;
}

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
    this.#open.set(id, { name, files: 0 });
    return id;
  }

  /** @throws UserError where the upload is not open, or the path would leave it */
  async put(id: Id, relativePath: string, bytes: Uint8Array): Promise<void> {
    const upload = this.#get(id);
    const path = join(this.#folderOf(id), ...partsOf(relativePath));
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC') throw new UserError('The disk is full: the file was not kept.');
      throw new UserError(`The file ${relativePath} could not be kept (${code}).`);
    }
    upload.files++;
  }

  /** Closes an upload. Its folder is the caller's to import, and then to remove. */
  async finish(id: Id): Promise<{ name: string; folder: string }> {
    const { name, files } = this.#get(id);
    this.#open.delete(id);
    if (files > 0) return { name, folder: await contentOf(this.#folderOf(id)) };
    await this.remove(id);
    throw new UserError('Nothing was uploaded.');
  }

  /** Removes what was uploaded so far; one that is finished is being imported, and left to that. */
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

/** The names that lead to a file, each harmless. */
function partsOf(path: string): string[] {
  const parts = path.split('/');
  const fine = parts.every(part => part !== '' && part !== '.' && part !== '..' && !/[\0\\]/.test(part));
  if (!fine || /^[A-Za-z]:/.test(path)) {
    throw new UserError(`${JSON.stringify(path)} is no path of a file below the dropped folder.`);
  }
  return parts;
}

/** Who drops one folder means what is in it. */
async function contentOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const [only] = entries;
  return entries.length === 1 && only!.isDirectory() ? join(folder, only!.name) : folder;
}
