/**
 * One writer per workspace. The lock is SQLite's exclusive lock on an empty file: the system releases it when the
 * process ends in any way, so that locks do not become stale. `owner.json` next to it only serves to name the owner in
 * a message.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { z } from 'zod';
import { readRegularFileSync, requireDatabaseFile } from '../regularFile.ts';
import { removeInsideSync } from '../removal.ts';
import { UserError } from '../userError.ts';
import { writeWhole } from './databaseFiles.ts';

const ownerSchema = z.object({
  pid: z.int(),
  host: z.string().max(255),
  /** The program: `the desktop app`, `receptive train`. */
  what: z.string().max(100),
  /** When it opened the workspace, as ISO 8601. */
  since: z.iso.datetime(),
});
type Owner = z.infer<typeof ownerSchema>;

/**
 * The error of a workspace that another process has open for writing, with its owner: `the desktop app (process 12 on
 * host, since …)`.
 */
class WorkspaceTaken extends UserError {
  readonly owner: string;
  constructor(folder: string, owner: string) {
    super(
      `The workspace ${folder} is already open in ${owner}. Close it there, or choose another workspace.`,
    );
    this.owner = owner;
  }
}

/** The locks of this process, referenced here so that they are not garbage collected. */
const held = new Set<Sqlite.Database>();

/** Bytes of the owner's file. */
const LARGEST_OWNER = 4096;

/** Milliseconds to wait for a process that is about to end. */
const LOCK_WAIT_MS = 1000;

/**
 * Locks the workspace until the returned function is called or the process ends.
 *
 * @throws WorkspaceTaken while another process holds the lock
 */
export function lockWorkspace(folder: string, what: string): () => void {
  const ownerPath = join(folder, 'owner.json');
  const lockPath = join(folder, 'lock.sqlite');
  requireDatabaseFile(lockPath);
  const lock = new Sqlite(lockPath, { timeout: LOCK_WAIT_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new WorkspaceTaken(folder, nameOf(readOwner(ownerPath)));
    }
    if (error instanceof Sqlite.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code)) {
      throw new UserError(
        `The lock of the workspace ${folder} is damaged: delete its file lock.sqlite, which holds nothing.`,
      );
    }
    throw error;
  }
  held.add(lock);
  const owner: Owner = { pid: process.pid, host: hostname(), what, since: new Date().toISOString() };
  try {
    writeWhole(ownerPath, `${JSON.stringify(owner)}\n`);
  } catch {
    // On a full disk `owner.json` cannot be written; the lock is held all the same.
  }
  return () => {
    removeInsideSync(folder, ownerPath);
    held.delete(lock);
    lock.close();
  };
}

function readOwner(path: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(readRegularFileSync(path, LARGEST_OWNER).toString('utf8')));
  } catch {
    // There is no name between locking and writing it, or the file is not ours.
    return undefined;
  }
}

function nameOf(owner: Owner | undefined): string {
  if (!owner) return 'another Receptive';
  const since = new Date(owner.since).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
  return `${owner.what} (process ${owner.pid} on ${owner.host}, since ${since})`;
}
