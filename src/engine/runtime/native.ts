/**
 * Native addons of the kernels (scripts/build-native.ts): one file per instruction set, widest first. Each addon can
 * tell whether this processor supports it.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { instructionsHash } from '../compile/encode.ts';
import { resource } from './fileLocation.ts';

/** An addon's exports; addresses are byte offsets into the memory. */
export interface NativeKernels {
  isSupported(): boolean;
  /** The hash of the tables that it was built from, compared with `instructionsHash`. */
  readonly instructions?: number;
  /** Asks the system for larger pages, where it has them. */
  prepare(memory: Uint8Array): void;
  run(memory: Uint8Array, control: number, thread: number, threads: number, scratch: number): void;
}

const cpus = { avx512: 'AVX-512', avx2: 'AVX2', neon: 'NEON' } as const;

export type NativeCpu = keyof typeof cpus;

export const cpuTitle = (cpu: NativeCpu): string => cpus[cpu];

const known: Record<string, readonly NativeCpu[]> = {
  'linux-x64': ['avx512', 'avx2'],
  'darwin-x64': ['avx512', 'avx2'],
  'linux-arm64': ['neon'],
  'darwin-arm64': ['neon'],
};

/** The instruction sets that addons are built for on this system, widest first. */
export const nativeCpus: readonly NativeCpu[] = known[`${process.platform}-${process.arch}`] ?? [];

export interface NativeAddon {
  readonly cpu: NativeCpu;
  readonly path: string;
}

const requireAddon = createRequire(import.meta.url);

export function loadAddon(path: string): NativeKernels {
  return requireAddon(path) as NativeKernels;
}

/** A packaged app keeps addons outside of its archive, because no system loads them from within. */
const onDisk = (path: string) => path.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');

/**
 * The addon with the widest instruction set that this processor supports. The environment variable RECEPTIVE_CPU
 * (`avx2`) chooses another, for measurements and tests.
 *
 * @returns where there is none, the reason
 */
export function findAddon(): NativeAddon | { readonly missing: string } {
  const wanted = process.env.RECEPTIVE_CPU;
  const built = nativeCpus
    .filter(cpu => wanted === undefined || wanted === '' || cpu === wanted)
    .map(cpu => ({ cpu, path: onDisk(resource(`native/${process.platform}-${process.arch}-${cpu}.node`)) }))
    .filter(({ path }) => existsSync(path));
  if (built.length === 0) return { missing: 'The native kernels are not built.' };
  try {
    const addon = built.find(({ path }) => loadAddon(path).isSupported());
    if (!addon) return { missing: 'This processor has not the instructions that the native kernels need.' };
    if (loadAddon(addon.path).instructions === instructionsHash) return addon;
    return { missing: 'The native kernels are out of date: npm run build makes them anew.' };
  } catch (error) {
    return { missing: `The native kernels do not load: ${(error as Error).message}` };
  }
}
