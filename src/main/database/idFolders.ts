/** The folders of a workspace that hold one folder for each id. */
import { join } from 'node:path';
import { type Id, isId } from '../../bridge/ids.ts';
import { UserError } from '../userError.ts';

export const ID_FOLDERS = ['datasets', 'runs', 'uploads'] as const;
export type IdFolder = (typeof ID_FOLDERS)[number];

/**
 * Where what belongs to an id lies. The id may come from a database that is damaged, or somebody else's.
 *
 * @throws UserError where it is no id, and could lead anywhere
 */
export function idFolder(workspace: string, of: IdFolder, id: Id): string {
  if (isId(id)) return join(workspace, of, id);
  throw new UserError(
    `The workspace's database is damaged: ${JSON.stringify(String(id).slice(0, 40))} is no id. Put back a backup of it.`,
  );
}
