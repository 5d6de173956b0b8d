/** Opens a workspace for a command, and closes it whatever happens. */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { StudioEvent } from '../../bridge/contract.ts';
import { openServices, type Services } from '../studio/services.ts';
import { UserError } from '../userError.ts';
import type { Invocation } from './command.ts';

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
    throw new UserError(`There is no workspace in ${invocation.workspace} yet: import a dataset first.`);
  }
  const services = await openServices({
    workspace: invocation.workspace,
    // The command line reads what its user may read.
    roots: [],
    workers: options.workers ?? cpus().length,
    yields: false,
    what: options.what,
    emit: event => {
      if (event.type === 'notice') process.stderr.write(`${event.message}\n`);
      options.emit?.(event);
    },
  });
  if (services.unclaimed !== null) process.stderr.write(`${services.unclaimed}\n`);
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}
