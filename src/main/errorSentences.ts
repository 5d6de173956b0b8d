/**
 * Converts errors of the file system, of SQLite and of damaged files to sentences with the cause, the place and a way
 * out. Other errors are defects and stay as they are.
 */
import { statfsSync } from 'node:fs';
import { DISK_FAULT, isUserFault } from '../bridge/faults.ts';
import { backupsIn } from './database/backups.ts';
import { DiskTrouble, UserError } from './userError.ts';

/** The properties of an error that are used, including errors posted from another thread. */
interface ErrorSentence {
  name?: string;
  message?: string;
  code?: string;
  syscall?: string | undefined;
  path?: string | undefined;
}

/** System calls of the network, whose errors are handled where they occur. */
const NETWORK = new Set(['listen', 'bind', 'connect', 'accept', 'getaddrinfo']);

/**
 * @param folder the workspace, for errors without a path
 * @returns a UserError, or the error itself if it is a defect
 */
export function explained(error: unknown, folder: string): Error {
  if (error instanceof UserError) return error;
  const told = (typeof error === 'object' && error !== null ? error : {}) as ErrorSentence;
  const { name, code = '', syscall, message = '' } = told;
  if (name === DISK_FAULT) return new DiskTrouble(message);
  if (isUserFault(name)) return new UserError(message);
  if (name === 'SafetensorsError')
    return new UserError(
      `A file of weights is damaged: ${lowered(message)} Leave the run as it is, or train it anew.`,
    );
  if (name === 'CacheDamage') return new UserError(message);
  if (code.startsWith('SQLITE_')) return ofDatabase(code, message, folder) ?? (error as Error);
  if (/^E[A-Z0-9]+$/.test(code) && syscall !== undefined && !NETWORK.has(syscall))
    return ofFiles(code, message, told.path ?? folder, folder);
  return error instanceof Error ? error : new Error(String(message || error));
}

function ofDatabase(code: string, message: string, folder: string): UserError | undefined {
  const is = (...names: string[]) => names.some(name => code === name || code.startsWith(`${name}_`));
  if (is('SQLITE_FULL')) return full(folder);
  if (is('SQLITE_READONLY'))
    return new DiskTrouble(
      `The workspace ${folder} cannot be written (${message}): make it writable for you, or choose another workspace.`,
    );
  if (is('SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_PERM'))
    return new DiskTrouble(
      `The workspace's database in ${folder} cannot be reached (${message}): see that its disk is there, has room and may be read and written by you.`,
    );
  if (is('SQLITE_BUSY', 'SQLITE_LOCKED'))
    return new DiskTrouble(
      `The workspace's database in ${folder} is held by another program: close that, then try again.`,
    );
  const isLacking = code === 'SQLITE_ERROR' && /no such (table|column|index)/.test(message);
  if (is('SQLITE_CORRUPT', 'SQLITE_NOTADB') || isLacking) return damagedDatabase(folder, message);
  return undefined;
}

/** A shell argument, quoted where it has spaces. */
export function argument(text: string): string {
  if (/^[\w@%+=:,./\\-]+$/.test(text)) return text;
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The error of a damaged database, with a way out that depends on the available backups. */
export function damagedDatabase(folder: string, what: string): UserError {
  const newest = backupsIn(folder).at(-1);
  const wayOut = newest
    ? `“receptive restore --workspace ${argument(folder)}” puts back the backup of ${newest.name} and keeps the damaged file beside it.`
    : 'There is no backup of it: keep the folder as it is, put back a copy of your own, or choose another workspace.';
  return new UserError(
    `The workspace's database in ${folder} is damaged and cannot be read (${what}). ${wayOut}`,
  );
}

function ofFiles(code: string, message: string, path: string, folder: string): UserError {
  switch (code) {
    case 'ENOSPC':
      return full(folder);
    case 'EDQUOT':
      return new DiskTrouble(
        `Your share of the disk of ${path} is used up: free some of it, or ask for more; then try again.`,
      );
    case 'EROFS':
      return new DiskTrouble(
        `${path} cannot be written: its disk is mounted for reading only. Mount it for writing, or choose another workspace.`,
      );
    case 'EIO':
      return new DiskTrouble(
        `The disk of ${path} failed to read or write: copy what you can from it, for it may be about to break.`,
      );
    case 'EACCES':
    case 'EPERM':
      return new DiskTrouble(
        `${path} cannot be used: permission denied. Change whom it belongs to, or who may use it.`,
      );
    case 'EEXIST':
    case 'ENOTDIR':
      return new UserError(`${path} cannot be used: a file lies where a folder is wanted. Move it away.`);
    case 'ENOENT':
      return new UserError(`${path} is not there any more: put it back, or do without what it belongs to.`);
    case 'EMFILE':
    case 'ENFILE':
      return new DiskTrouble(
        'Too many files are open on this machine: close other programs, then try again.',
      );
    default:
      return new UserError(`${path} cannot be used: ${message}.`);
  }
}

function full(folder: string): UserError {
  return new DiskTrouble(
    `The disk of ${folder} is full${freeIn(folder)}: free some space there, then try again.`,
  );
}

/** The free space of a folder's disk, as part of a sentence. */
function freeIn(folder: string): string {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return ` (${sizeText(bavail * bsize)} are free)`;
  } catch {
    // The disk does not respond.
    return '';
  }
}

export function sizeText(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

const lowered = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);
