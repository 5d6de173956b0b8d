/** Reads and writes project files for the command line. */
import { readFileSync, writeFileSync } from 'node:fs';
import {
  DocumentError,
  formatDocument,
  type ProjectDocument,
  parseDocument,
} from '../../engine/graph/document.ts';
import { UserError } from '../userError.ts';

/** What the system says of a file, in plain words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'it may not be read or written',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of its path is no folder',
  };
  return known[code ?? ''] ?? message;
}

export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${reasonOf(error)}.`);
  }
}

export function writeBytes(path: string, bytes: Uint8Array | string): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${reasonOf(error)}.`);
  }
}

/** @throws UserError naming the file and what is wrong in it */
export function readProject(path: string): ProjectDocument {
  try {
    return parseDocument(new TextDecoder().decode(readBytes(path)));
  } catch (error) {
    if (error instanceof DocumentError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  }
}

export function writeProject(path: string, document: ProjectDocument): void {
  writeBytes(path, formatDocument(document));
}
