/** The folders of a workspace with one subfolder per id. */
import { join } from 'node:path';
import { type Id, isId } from '../../bridge/ids.ts';
import { UserError } from '../userError.ts';

export const ID_FOLDERS = ['datasets', 'runs', 'uploads'] as const;
export type IdFolder = (typeof ID_FOLDERS)[number];

/**
 * The folder of an id. The id may come from a damaged or foreign database.
 *
 * @throws UserError where it is malformed and could be a path elsewhere
 */
export function idFolder(workspace: string, of: IdFolder, id: Id): string {
  if (isId(id)) return join(workspace, of, id);
  throw new UserError(
    `The workspace's database is damaged: ${JSON.stringify(String(id).slice(0, 40))} is no id. Put back a backup of it.`,
  );
}
