/**
 * What lies in a workspace and no row of its database knows is nobody's to remove: the database may be another one
 * than it was, moved away or put back from a backup. It is put aside, into a folder of its own, and returns when a
 * database knows it again.
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { ID_FOLDERS, type IdFolder } from '../database/idFolders.ts';
import type { Workspace } from '../database/workspace.ts';

/** Below the workspace; holds `datasets`, `runs` and `uploads` as the workspace does. */
const UNCLAIMED = 'unclaimed';

/** Puts aside what is unknown, and puts back what is known again. @returns a sentence about it; null: nothing was moved */
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
  for (const top of ID_FOLDERS) {
    for (const name of namesIn(join(folder, UNCLAIMED, top))) {
      const place = join(folder, top, name);
      if (!known[top].has(name) || existsSync(place)) continue;
      mkdirSync(join(folder, top), { recursive: true });
      renameSync(join(folder, UNCLAIMED, top, name), place);
      returned++;
    }
    for (const name of namesIn(join(folder, top))) {
      if (known[top].has(name)) continue;
      mkdirSync(join(folder, UNCLAIMED, top), { recursive: true });
      renameSync(join(folder, top, name), freePlace(join(folder, UNCLAIMED, top, name)));
      aside++;
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
  return said.length > 0 ? said.join(' ') : null;
}

/** What is in a folder, but for the hidden files that systems leave everywhere. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => !name.startsWith('.'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function freePlace(path: string): string {
  if (!existsSync(path)) return path;
  for (let number = 2; ; number++) if (!existsSync(`${path}-${number}`)) return `${path}-${number}`;
}

const folders = (count: number) => (count === 1 ? 'A folder' : `${count} folders`);
const were = (count: number) => (count === 1 ? 'was' : 'were');
