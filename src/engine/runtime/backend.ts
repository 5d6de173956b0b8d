/**
 * The builds of the kernels. `wasm` runs everywhere; `native` is the same source compiled for this processor;
 * `reference` is plain loops in float64, against which the others are tested.
 */
import { readFileSync } from 'node:fs';
import { instructionsHash } from '../compile/encode.ts';
import { resource } from './fileLocation.ts';
import { cpuTitle, findAddon, loadAddon } from './native.ts';

export type BackendName = 'wasm' | 'native' | 'reference';

export interface Backend {
  readonly name: BackendName;
  /** For messages: `native, AVX-512`. */
  readonly title: string;
  readonly realBytes: 4 | 8;
  /** What a thread opens the kernels from: a compiled module, or the path of an addon. */
  readonly kernels: WebAssembly.Module | string;
}

/** A backend that is not available, and why. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
}

const files = { wasm: 'kernels.wasm', reference: 'reference.wasm' } as const;

/** @throws BackendError where it was not built or does not run here */
export function loadBackend(name: BackendName = 'wasm'): Backend {
  if (name === 'native') {
    const addon = findAddon();
    if ('missing' in addon) throw new BackendError(addon.missing);
    return { name, title: `native, ${cpuTitle(addon.cpu)}`, realBytes: 4, kernels: addon.path };
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(readFileSync(resource(files[name])));
  } catch (error) {
    throw new BackendError(`The engine's kernels are not built (${files[name]}): run npm run build.`, {
      cause: error,
    });
  }
  const title = name === 'wasm' ? 'WebAssembly' : 'reference';
  return { name, title, realBytes: name === 'reference' ? 8 : 4, kernels: compileKernels(bytes) };
}

/** The file that it is: another build may compute other bits. */
export function kernelBytes({ name, kernels }: Backend): Uint8Array {
  return readFileSync(typeof kernels === 'string' ? kernels : resource(files[name as keyof typeof files]));
}

/** @throws BackendError where they were built from another table of instructions */
export function compileKernels(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const kernels = new WebAssembly.Module(bytes);
  const [stamp] = WebAssembly.Module.customSections(kernels, 'instructions');
  if (!stamp || new Int32Array(stamp)[0] !== instructionsHash)
    throw new BackendError("The engine's kernels are out of date: npm run build makes them anew.");
  return kernels;
}

/** What the WebAssembly builds export. */
interface WasmExports {
  vm_run(base: number, control: number, thread: number, threads: number, scratch: number): void;
  readonly __stack_pointer: WebAssembly.Global;
  readonly __heap_base: WebAssembly.Global;
}

/** One thread's kernels: runs this thread's part of the program that the control block names. */
export type RunKernels = (control: number, thread: number, threads: number, scratch: number) => void;

/**
 * Opens the kernels for one thread.
 * @param stackTop where the thread's stack begins, for builds with a stack in shared memory (WebAssembly)
 * @param reserved the memory below it may be used for a build's own constants
 */
export function openKernels(
  kernels: Backend['kernels'],
  memory: WebAssembly.Memory,
  { stackTop, reserved }: { stackTop: number; reserved: number },
): RunKernels {
  if (typeof kernels === 'string') {
    const addon = loadAddon(kernels);
    const bytes = new Uint8Array(memory.buffer);
    addon.prepare(bytes);
    return (control, thread, threads, scratch) => addon.run(bytes, control, thread, threads, scratch);
  }
  const { exports } = new WebAssembly.Instance(kernels, { env: { memory } });
  const { vm_run, __stack_pointer, __heap_base } = exports as unknown as WasmExports;
  if (__heap_base.value > reserved) throw new RangeError('the kernels reserve more than the memory map');
  __stack_pointer.value = stackTop;
  return (control, thread, threads, scratch) => vm_run(0, control, thread, threads, scratch);
}
