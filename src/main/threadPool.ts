/**
 * How many threads Node has for work that it does beside JavaScript: by itself four, whatever the machine. sharp decodes
 * there, one image for each processor at a time, and files are read and written there: a cancel, which writes what is
 * kept, must not wait for photographs. Node asks for it once, so a process is told as it is started; the command line
 * is told by scripts/bootstrap.mjs.
 */
import { availableParallelism } from 'node:os';

export function threadPoolEnvironment(): NodeJS.ProcessEnv {
  return { UV_THREADPOOL_SIZE: String(availableParallelism() + 4), ...process.env };
}
