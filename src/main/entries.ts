/**
 * Locations of the program's own files: the entry file of each process and thread, and the built window. With Node's
 * type stripping these are the sources; in a build, bundles in one folder.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Entry files below `src`; a bundle is named by its key. */
const sources = {
  desktop: 'main/desktop/main.ts',
  web: 'main/web/main.ts',
  studio: 'main/studio/main.ts',
  cli: 'main/cli/main.ts',
  decoder: 'main/studio/datasets/decode/decoderThread.ts',
  pictureProcess: 'main/studio/datasets/decode/pictureProcess.ts',
  explainThread: 'main/studio/explain/explainThread.ts',
  benchEngine: 'main/bench/engineContestant.ts',
} as const;

const here = dirname(fileURLToPath(import.meta.url));
const fromSource = import.meta.url.endsWith('.ts');

/** The absolute path of an entry file. */
export function entryFile(entry: keyof typeof sources): string {
  return fromSource ? join(here, '..', sources[entry]) : join(here, `${entry}.js`);
}

/** The folder of the built window: `desktop.html`, `web.html` and their assets. */
export function rendererFolder(): string {
  return fromSource ? join(here, '../../out/renderer') : join(here, '../renderer');
}

/** The preload script, which is always a bundle, as sandboxed scripts cannot load modules. */
export function preloadFile(): string {
  return fromSource ? join(here, '../../out/preload/preload.cjs') : join(here, '../preload/preload.cjs');
}
