/**
 * Builds the engine's kernels: writes the C structs of the instruction set and the numbers that C shares from the
 * tables in engine/layers (instructions.ts, kernelConstants.ts), then compiles src/engine/kernels/*.c to WebAssembly with the npm clang, twice:
 * kernels.wasm (float32, SIMD) and reference.wasm (float64, scalar); and kernels/pictures/*.c to pictures.wasm. Needs
 * Node 24, nothing else; where a C compiler is there too, build-native.ts follows.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Exit, runLLVM, type Tree } from '@yowasp/clang';
import { instructionsHash } from '../src/engine/compile/encode.ts';
import { largestMemory } from '../src/engine/runtime/memory.ts';
import { buildNative } from './build-native.ts';
import { constantsHeader, instructionsHeader } from './kernelHeaders.ts';

const KERNELS = new URL('../src/engine/kernels/', import.meta.url);
const RESOURCES = new URL('../resources/', import.meta.url);

const COMPILE = [
  'clang',
  '-c',
  '--target=wasm32-unknown-unknown',
  '-std=c2x',
  '-ffreestanding',
  '-Wall',
  '-Wextra',
  '-Werror',
  // Loops that may become SIMD need not.
  '-Wno-pass-failed',
  '-mbulk-memory',
  // Headers of the kernels, for the pictures'.
  '-I.',
];

const LINK = ['wasm-ld', '--no-entry', '--gc-sections', '--export=__heap_base'];

/** Of what works on memory that all threads share. */
const LINK_SHARED = [
  '--import-memory',
  '--shared-memory',
  `--max-memory=${largestMemory('wasm')}`,
  // Every thread brings its own stack (runtime/memory.ts); this one is not used.
  '-z',
  'stack-size=1024',
  '--export=vm_run',
  '--export=__stack_pointer',
];

const BUILDS = {
  kernels: ['-O3', '-matomics', '-msimd128', '-mrelaxed-simd', '-ffp-contract=fast'],
  reference: ['-O2', '-matomics', '-DREFERENCE', '-ffp-contract=off'],
  // The same pixels on every machine, so that a dataset's fingerprints are the same everywhere.
  pictures: ['-O3', '-msimd128', '-ffp-contract=off'],
};

/** Runs one LLVM tool over files in memory; what it prints is seen, and a failure ends the build. */
async function run(command: string[], files: Tree): Promise<Tree> {
  try {
    return (await runLLVM(command, files, { fetchProgress: () => {} }))!;
  } catch (error) {
    if (error instanceof Exit) process.exit(error.code);
    throw error;
  }
}

/** Compiles the C files among `sources`, which are paths in `files`, and links them. */
async function build(
  name: keyof typeof BUILDS,
  files: Tree,
  sources: readonly string[],
  link: string[],
): Promise<void> {
  const objects: Tree = {};
  for (const source of sources.filter(file => file.endsWith('.c'))) {
    const object = source.replace(/^.*\//, '').replace(/c$/, 'o');
    objects[object] = (await run([...COMPILE, ...BUILDS[name], source, '-o', object], files))[object]!;
  }
  const linked = await run([...LINK, ...link, ...Object.keys(objects), '-o', 'out.wasm'], objects);
  writeFileSync(
    new URL(`${name}.wasm`, RESOURCES),
    Buffer.concat([linked['out.wasm'] as Uint8Array, stamp()]),
  );
}

function sourcesIn(folder: URL): Tree {
  const names = readdirSync(folder).filter(file => /\.[ch]$/.test(file));
  return Object.fromEntries(names.map(name => [name, readFileSync(new URL(name, folder), 'utf8')]));
}

/** A custom section of the module, by which runtime/backend.ts knows whether it is out of date. */
function stamp(): Uint8Array {
  const name = Buffer.from('instructions');
  const value = new Uint8Array(Int32Array.of(instructionsHash).buffer);
  return Buffer.concat([Uint8Array.of(0, 1 + name.length + value.length, name.length), name, value]);
}

writeFileSync(new URL('constants.h', KERNELS), constantsHeader());
writeFileSync(new URL('instructions.h', KERNELS), instructionsHeader());
mkdirSync(RESOURCES, { recursive: true });
const kernels = sourcesIn(KERNELS);
const pictures = sourcesIn(new URL('pictures/', KERNELS));
await build('kernels', kernels, Object.keys(kernels), LINK_SHARED);
await build('reference', kernels, Object.keys(kernels), LINK_SHARED);
const paths = Object.keys(pictures).map(file => `pictures/${file}`);
await build('pictures', { ...kernels, pictures }, paths, ['-z', 'stack-size=65536']);
await buildNative();
