/** Locates files next to the code, whether it runs from sources or from the bundle in out/main. */
import { fileURLToPath } from 'node:url';

const fromSource = import.meta.url.endsWith('.ts');

/** A file in resources/. */
export function resource(name: string): string {
  return fileURLToPath(new URL(`${fromSource ? '../../../' : '../../'}resources/${name}`, import.meta.url));
}

/** The entry file of a thread, by its name without extension. */
export function threadEntry(name: 'readerThread' | 'trainerThread' | 'trialThread' | 'workerThread'): URL {
  return new URL(`./${name}.${fromSource ? 'ts' : 'js'}`, import.meta.url);
}
