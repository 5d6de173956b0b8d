/**
 * The layout of the shared memory: what the kernels reserve, the control block, the model's programs and tensors, and
 * each thread's stack and scratch. Its size is known before it is allocated.
 */
import { type ControlWord, kernelTables, LINE_BYTES, SCRATCH_BYTES } from '../layers/kernelConstants.ts';
import type { BackendName } from './backend.ts';

const WASM_PAGE_BYTES = 65_536;

export const CONTROL = WASM_PAGE_BYTES;

/**
 * Where single instructions are placed to be timed. Two places in turn, because a late thread may still read the end of
 * the previous one.
 */
export const SINGLE_STEP_WORDS = [CONTROL - 1024, CONTROL - 512] as const;

/** The memory below holds the kernels' constants, placed there by the linker. */
export const RESERVED_BYTES = SINGLE_STEP_WORDS[0];

/** Where a model begins: behind the control block. */
export const MODEL_START = CONTROL + LINE_BYTES;

const STACK_BYTES = 65_536;

/** Pages of 64 KiB: what 32-bit addresses reach, and V8's limit for memories with 64-bit addresses. */
const PAGES = { wasm: 65_536, native: 262_144 } as const;

/** The largest memory in bytes. WebAssembly has 32-bit addresses, native kernels 64-bit ones. */
export function largestMemory(backend: BackendName): number {
  return PAGES[backend === 'native' ? 'native' : 'wasm'] * WASM_PAGE_BYTES;
}

/** The index of each word of the control block. */
export const words = Object.fromEntries(
  Object.keys(kernelTables.controlBlock).map((name, place) => [name, place]),
) as Readonly<Record<ControlWord, number>>;

export const commands = { end: 0, run: 1 } as const;

/** The memory in bytes of a model that ends at `end`, with the stacks and scratch of this many threads. */
export function memoryBytes(end: number, threads: number): number {
  return Math.ceil((end + threads * (STACK_BYTES + SCRATCH_BYTES)) / WASM_PAGE_BYTES) * WASM_PAGE_BYTES;
}

export class MemoryError extends Error {
  override readonly name = 'MemoryError';
}

/** @throws MemoryError where it exceeds what the backend can address or the machine can give */
export function allocate(end: number, threads: number, backend: BackendName): WebAssembly.Memory {
  const bytes = memoryBytes(end, threads);
  const gibibytes = (bytes / 2 ** 30).toFixed(1);
  if (bytes > largestMemory(backend)) {
    const reach = largestMemory(backend) / 2 ** 30;
    const advice = backend === 'native' ? '' : 'native code, ';
    throw new MemoryError(
      `Training would take ${gibibytes} GiB; ${backend === 'native' ? 'the engine' : 'WebAssembly'} reaches ${reach} GiB. Use ${advice}a smaller batch, or a batch in parts.`,
    );
  }
  try {
    return new WebAssembly.Memory(descriptor(bytes / WASM_PAGE_BYTES));
  } catch (error) {
    throw new MemoryError(`The machine cannot give ${gibibytes} GiB. Use a smaller batch.`, { cause: error });
  }
}

/** For 64-bit addresses sizes are BigInts, which TypeScript's library does not declare. */
function descriptor(pages: number): WebAssembly.MemoryDescriptor {
  if (pages <= PAGES.wasm) return { initial: pages, maximum: pages, shared: true };
  const large = { address: 'i64', initial: BigInt(pages), maximum: BigInt(pages), shared: true };
  return large as unknown as WebAssembly.MemoryDescriptor;
}

export function controlWords(memory: WebAssembly.Memory): Int32Array {
  return new Int32Array(memory.buffer, CONTROL, LINE_BYTES / 4);
}

/** A thread's stack and scratch; the stack grows down from `stackTop`. */
export function threadArea(end: number, thread: number): { stackTop: number; scratch: number } {
  const from = Math.ceil(end / LINE_BYTES) * LINE_BYTES + thread * (STACK_BYTES + SCRATCH_BYTES);
  return { stackTop: from + STACK_BYTES, scratch: from + STACK_BYTES };
}
