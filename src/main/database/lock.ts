/**
 * One writer a workspace. The lock is SQLite's own exclusive lock on a file that holds nothing: the system
 * frees it when the process ends, however it ends, so that there are no stale locks. `owner.json` beside it
 * only tells a second studio whom to name; it proves nothing.
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
  /** What it is: `the desktop app`, `receptive train`. */
  what: z.string().max(100),
  /** When it opened the workspace, as ISO 8601. */
  since: z.iso.datetime(),
});
type Owner = z.infer<typeof ownerSchema>;

/** Another process writes to the workspace. `owner` names it: `the desktop app (process 12 on host, since …)`. */
class WorkspaceTaken extends UserError {
  readonly owner: string;
  constructor(folder: string, owner: string) {
    super(
      `The workspace ${folder} is already open in ${owner}. Close it there, or choose another workspace.`,
    );
    this.owner = owner;
  }
}

/** Locks that this process holds: one that nobody refers to would be collected, and with it the lock. */
const held = new Set<Sqlite.Database>();

/** Of the file that names an owner, in bytes. */
const LARGEST_OWNER = 4096;

/** How long to wait for a process that is just ending, in milliseconds. */
const LOCK_WAIT_MS = 1000;

/**
 * Takes the workspace for this process, until it ends or the given function is called.
 *
 * @throws WorkspaceTaken while another process holds it
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
    // On a full disk the owner stays nameless: the lock holds all the same.
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
    // Between taking the lock and writing its name, an owner is nameless; so is one whose file somebody else wrote.
    return undefined;
  }
}

function nameOf(owner: Owner | undefined): string {
  if (!owner) return 'another Receptive';
  const since = new Date(owner.since).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
  return `${owner.what} (process ${owner.pid} on ${owner.host}, since ${since})`;
}
