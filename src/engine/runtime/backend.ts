/**
 * The builds of the kernels. `wasm` is the fast one; `reference` is plain loops in float64, the oracle that
 * holds the fast one to account.
 */
import { readFileSync } from 'node:fs';
import { resource } from './location.ts';

export type BackendName = 'wasm' | 'reference';

export interface Backend {
  readonly name: BackendName;
  readonly module: WebAssembly.Module;
  readonly realBytes: 4 | 8;
}

const files = { wasm: 'kernels.wasm', reference: 'reference.wasm' } as const;

/** @throws Error where the kernels were not built: `npm run build` makes them */
export function loadBackend(name: BackendName = 'wasm'): Backend {
  const path = resource(files[name]);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new Error(`The engine's kernels are not built (${files[name]}): run npm run build.`, {
      cause: error,
    });
  }
  return { name, module: new WebAssembly.Module(bytes), realBytes: name === 'reference' ? 8 : 4 };
}

/** What the kernels export. */
export interface Kernels {
  vm_run(base: number, control: number, thread: number, threads: number, scratch: number): void;
  readonly __stack_pointer: WebAssembly.Global;
  readonly __heap_base: WebAssembly.Global;
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return instance.exports as unknown as Kernels;
}
