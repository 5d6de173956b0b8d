/**
 * Sets aside files in a workspace that its database does not know. They are not removed, because the database may have
 * been moved or restored: they are moved to a folder, and back when a database knows them again.
 */
import { lstatSync, mkdirSync, readdirSync, renameSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { isId } from '../../bridge/ids.ts';
import { ID_FOLDERS, type IdFolder } from '../database/idFolders.ts';
import type { Workspace } from '../database/workspace.ts';

/** The folder in the workspace; it contains `datasets`, `runs` and `uploads` as the workspace does. */
const UNCLAIMED = 'unclaimed';

/**
 * Moves unknown files aside, and known ones back. What cannot be moved stays, which does no harm.
 *
 * @returns sentences about it; null for none
 */
export function sortOutUnclaimed(workspace: Workspace): string | null {
  const { folder, datasets, runs } = workspace;
  const known: Record<IdFolder, ReadonlySet<string>> = {
    datasets: new Set(datasets.ids()),
    runs: new Set(runs.ids()),
    // Previous uploads are recorded for removal (uploads.ts), and current ones have not begun.
    uploads: new Set(),
  };
  let returned = 0;
  let aside = 0;
  const stuck: string[] = [];
  const move = (from: string, to: string) => {
    try {
      mkdirSync(dirname(to), { recursive: true });
      renameSync(from, to);
      return 1;
    } catch (error) {
      stuck.push(`${from} (${(error as NodeJS.ErrnoException).code})`);
      return 0;
    }
  };
  for (const top of ID_FOLDERS) {
    for (const name of namesIn(join(folder, UNCLAIMED, top))) {
      const place = join(folder, top, name);
      if (known[top].has(name) && !isThere(place))
        returned += move(join(folder, UNCLAIMED, top, name), place);
    }
    // A linked folder may be shared with others: only entries named by an id are the workspace's.
    const isShared = kindOf(join(folder, top))?.isSymbolicLink() === true;
    for (const name of namesIn(join(folder, top))) {
      if (known[top].has(name) || (isShared && !isId(name))) continue;
      aside += move(join(folder, top, name), freePlace(join(folder, UNCLAIMED, top, name)));
    }
  }
  const said: string[] = [];
  if (returned > 0)
    said.push(
      `${folders(returned)} that had been put aside ${were(returned)} put back: the database knows ${returned > 1 ? 'them' : 'it'} again.`,
    );
  if (aside > 0)
    said.push(
      `${folders(aside)} that the workspace's database does not know ${were(aside)} put aside into ${join(folder, UNCLAIMED)}: nothing was removed. They return when a database that knows them is put back.`,
    );
  if (stuck.length > 0)
    said.push(
      `${folders(stuck.length)} could not be moved to or from ${join(folder, UNCLAIMED)} and ${were(stuck.length)} left in place: ${stuck[0]}${stuck.length > 1 ? ' the first' : ''}.`,
    );
  return said.length > 0 ? said.join(' ') : null;
}

/** The entries of a folder, without hidden files. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => !name.startsWith('.'));
  } catch {
    // It does not exist or is no folder, which moving into it will report.
    return [];
  }
}

/** Includes broken links. */
function isThere(path: string): boolean {
  return kindOf(path) !== undefined;
}

function kindOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function freePlace(path: string): string {
  if (!isThere(path)) return path;
  for (let number = 2; ; number++) if (!isThere(`${path}-${number}`)) return `${path}-${number}`;
}

const folders = (count: number) => (count === 1 ? 'A folder' : `${count} folders`);
const were = (count: number) => (count === 1 ? 'was' : 'were');
