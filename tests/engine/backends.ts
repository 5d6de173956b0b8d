/** The backends that are built here, as rows of a table of tests: native ones where there was a compiler. */
import { type BackendName, loadBackend } from '../../src/engine/runtime/backend.ts';
import { findAddon, nativeCpus } from '../../src/engine/runtime/native.ts';

/** A title, and what makes it the backend that is loaded from then on. */
type Row = readonly [title: string, use: () => BackendName];

function nativeRow(cpu: string): Row {
  return [
    `native ${cpu}`,
    () => {
      process.env.RECEPTIVE_CPU = cpu;
      return 'native';
    },
  ];
}

const natives = nativeCpus.map(nativeRow).filter(([, use]) => {
  use();
  return !('missing' in findAddon());
});

const wasm: Row = ['wasm', () => loadBackend('wasm').name];
const reference: Row = ['reference', () => loadBackend('reference').name];

export const fastBackends: readonly Row[] = [wasm, ...natives];
/** Of the native ones the widest alone: for tables with many rows. */
export const backends: readonly Row[] = [wasm, ...natives.slice(0, 1), reference];
