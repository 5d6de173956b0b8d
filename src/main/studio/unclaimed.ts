/**
 * What lies in a workspace and no row of its database knows is nobody's to remove: the database may be another one
 * than it was, moved away or put back from a backup. It is put aside, into a folder of its own, and returns when a
 * database knows it again.
 */
import { lstatSync, mkdirSync, readdirSync, renameSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { isId } from '../../bridge/ids.ts';
import { ID_FOLDERS, type IdFolder } from '../database/idFolders.ts';
import type { Workspace } from '../database/workspace.ts';

/** Below the workspace; holds `datasets`, `runs` and `uploads` as the workspace does. */
const UNCLAIMED = 'unclaimed';

/**
 * Puts aside what is unknown, and puts back what is known again. What cannot be moved, to another disk perhaps, stays
 * where it is, which harms nothing.
 *
 * @returns sentences about it; null: there was nothing
 */
export function sortOutUnclaimed(workspace: Workspace): string | null {
  const { folder, datasets, runs } = workspace;
  const known: Record<IdFolder, ReadonlySet<string>> = {
    datasets: new Set(datasets.ids()),
    runs: new Set(runs.ids()),
    // Those of before were noted to be removed (uploads.ts), and those of now have not begun.
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
    // A link may lead to where other things lie too: of those nothing is the workspace's but what has an id.
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

/** What is in a folder, but for the hidden files that systems leave everywhere. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => !name.startsWith('.'));
  } catch {
    // There is none, or it is no folder: then nothing can be put there, which the moves say.
    return [];
  }
}

/** Links that lead nowhere too. */
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
