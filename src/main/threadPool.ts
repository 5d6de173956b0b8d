/**
 * The size of Node's thread pool, by default four. sharp decodes there, one image per processor at a time, and file
 * operations use it: a cancel, which writes data, must not wait for photographs. Node reads it once, so it is set when
 * a process is started; for the command line by scripts/bootstrap.mjs.
 */
import { availableParallelism } from 'node:os';

export function threadPoolEnvironment(): NodeJS.ProcessEnv {
  return { UV_THREADPOOL_SIZE: String(availableParallelism() + 4), ...process.env };
}
