/** Reads and writes project files for the command line. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { newId } from '../../bridge/ids.ts';
import {
  DocumentError,
  formatDocument,
  type ProjectDocument,
  parseDocument,
} from '../../engine/graph/document.ts';
import { isSomethingElse, readRegularFileSync, UnreadableFile } from '../regularFile.ts';
import { UserError } from '../userError.ts';

/** What the system says of a file, in plain words. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'it may not be read or written',
    EISDIR: 'it is a folder',
    ENXIO: 'it is no regular file',
    ENOTDIR: 'a part of its path is no folder',
    ENAMETOOLONG: 'its name is too long',
    ELOOP: 'its links lead in a circle',
    ENOSPC: 'the disk is full',
    EROFS: 'the disk may not be written to',
  };
  return known[code ?? ''] ?? message;
}

/** The largest project file that is read, in bytes, as in the window. */
const MOST_TEXT = 64 * 2 ** 20;

export function readBytes(path: string, most: number): Uint8Array {
  try {
    return readRegularFileSync(path, most);
  } catch (error) {
    throw cannotBeRead(path, error);
  }
}

/** What the system said of a file, as a sentence about it; what is one already stays as it is. */
export function cannotBeRead(path: string, error: unknown): Error {
  const isSystems = typeof (error as NodeJS.ErrnoException).code === 'string';
  if (!isSystems && !(error instanceof UnreadableFile)) return error as Error;
  return new UserError(`${path} cannot be read: ${reasonOf(error)}.`);
}

export function writeBytes(path: string, bytes: Uint8Array | string): void {
  try {
    // Writing to a pipe would block until it is read.
    if (isSomethingElse(path)) throw new UnreadableFile('it is there, and is no regular file');
    // Through a symbolic link, its target is written.
    writeBeside(existsSync(path) ? realpathSync(path) : path, [bytes]);
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${reasonOf(error)}.`);
  }
}

/** Writes a file that is not there yet, part by part. @throws UserError where it is, and where it cannot be written */
export function writeNew(path: string, parts: Iterable<Uint8Array>): void {
  if (existsSync(path)) throw new UserError(`${path} is there already. Choose another name.`);
  try {
    writeBeside(path, parts);
  } catch (error) {
    if (error instanceof Error && !('code' in error)) throw error;
    throw new UserError(`${path} cannot be written: ${reasonOf(error)}.`);
  }
}

/** Writes atomically: the old file stays until the new one is completely on the disk. */
function writeBeside(path: string, parts: Iterable<Uint8Array | string>): void {
  const beside = join(dirname(path), `.${newId()}.partial`);
  try {
    const file = openSync(beside, 'wx');
    try {
      for (const part of parts) writeFileSync(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    if (existsSync(beside)) unlinkSync(beside);
    throw error;
  }
}

/** @throws UserError naming the file and what is wrong in it */
export function readProject(path: string): ProjectDocument {
  try {
    return parseDocument(new TextDecoder().decode(readBytes(path, MOST_TEXT)));
  } catch (error) {
    if (error instanceof DocumentError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  }
}

export function writeProject(path: string, document: ProjectDocument): void {
  writeBytes(path, formatDocument(document));
}
