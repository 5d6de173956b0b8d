/** Opens a workspace for a command, and closes it whatever happens. */
import { cpus } from 'node:os';
import type { StudioEvent } from '../../bridge/contract.ts';
import { openServices, type Services } from '../studio/services.ts';
import type { Invocation } from './command.ts';

export async function withServices<T>(
  invocation: Invocation,
  options: { what: string; workers?: number | undefined; emit?: (event: StudioEvent) => void },
  work: (services: Services) => Promise<T>,
): Promise<T> {
  const services = await openServices({
    workspace: invocation.workspace,
    // The command line reads what its user may read.
    roots: [],
    workers: options.workers ?? cpus().length,
    what: options.what,
    emit: options.emit ?? (() => {}),
  });
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}
