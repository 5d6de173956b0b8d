/** Opens a workspace for a command, and closes it whatever happens. */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { StudioEvent } from '../../bridge/contract.ts';
import { backupsIn } from '../database/backups.ts';
import { openWorkspace, type Workspace } from '../database/workspace.ts';
import { damagedDatabase } from '../errorSentences.ts';
import { openServices, type Services } from '../studio/services.ts';
import { warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import type { Invocation } from './command.ts';

/** Opens a workspace for reading, next to a writer. Prints a notice where its database has changed. */
export function openToRead({ workspace: folder }: Invocation): Workspace {
  const workspace = openWorkspace(folder, { mode: 'read' });
  warnOf(workspace);
  return workspace;
}

function warnOf({ notice }: Workspace): void {
  if (notice !== null) warn(notice);
}

export async function withServices<T>(
  invocation: Invocation,
  options: {
    what: string;
    workers?: number | undefined;
    emit?: (event: StudioEvent) => void;
    /** Whether a workspace may be made where there is none. */
    creates?: boolean;
  },
  work: (services: Services) => Promise<T>,
): Promise<T> {
  if (!options.creates && !existsSync(join(invocation.workspace, 'receptive.sqlite'))) {
    throw backupsIn(invocation.workspace).length > 0
      ? damagedDatabase(invocation.workspace, 'its file is not there')
      : new UserError(`There is no workspace in ${invocation.workspace} yet: import a dataset first.`);
  }
  const services = await openServices({
    workspace: invocation.workspace,
    // The command line reads what its user may read.
    roots: [],
    workers: options.workers ?? cpus().length,
    yields: false,
    what: options.what,
    emit: event => {
      if (event.type === 'notice') warn(event.message);
      options.emit?.(event);
    },
  });
  if (services.unclaimed !== null) warn(services.unclaimed);
  warnOf(services.workspace);
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}
