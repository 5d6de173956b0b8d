/**
 * Builds the engine's kernels: writes the C structs of the instruction set from the table in
 * engine/layers/instructions.ts, then compiles src/engine/kernels/*.c to WebAssembly with the npm clang, twice:
 * kernels.wasm (float32, SIMD) and reference.wasm (float64, scalar); and kernels/pictures/*.c to pictures.wasm. Needs
 * Node 24, nothing else; where a C compiler is there too, build-native.ts follows.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Exit, runLLVM, type Tree } from '@yowasp/clang';
import { instructionsHash } from '../src/engine/compile/encode.ts';
import { type FieldType, instructions } from '../src/engine/layers/instructions.ts';
import { buildNative } from './build-native.ts';

const KERNELS = new URL('../src/engine/kernels/', import.meta.url);
const RESOURCES = new URL('../resources/', import.meta.url);

const snakeCase = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
const typeName = (name: string) => name[0]!.toUpperCase() + name.slice(1);

const C_TYPES: Record<FieldType, string> = {
  in: 'tensor_t',
  'in?': 'tensor_t',
  out: 'tensor_t',
  'out?': 'tensor_t',
  inout: 'tensor_t',
  'inout?': 'tensor_t',
  int: 'int32_t',
  float: 'float',
};

/** kernels/instructions.h: one struct and one kernel's prototype for each instruction, and the table of both. */
function instructionsHeader(): string {
  const entries = Object.entries<Record<string, FieldType>>(instructions);
  const structs = entries.map(([name, fields]) => {
    const members = Object.entries(fields).map(([field, type]) => `  ${C_TYPES[type]} ${snakeCase(field)};`);
    const type = typeName(name);
    return `typedef struct {\n  int32_t opcode;\n${members.join('\n')}\n} ${type};\nvoid ${snakeCase(name)}(const ${type} *op, const Context *context);\n`;
  });
  const rows = entries.map(([name]) => `  X(${snakeCase(name)}, ${typeName(name)})`);
  return [
    '/* Written by scripts/build-kernels.ts from engine/layers/instructions.ts. Not to be edited. */',
    '#pragma once',
    `#define INSTRUCTIONS_HASH (${instructionsHash})`,
    ...structs,
    `#define INSTRUCTIONS(X) \\\n${rows.join(' \\\n')}`,
    '',
  ].join('\n');
}

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
];

const LINK = ['wasm-ld', '--no-entry', '--gc-sections', '--export=__heap_base'];

/** Of what works on memory that all threads share. */
const LINK_SHARED = [
  '--import-memory',
  '--shared-memory',
  '--max-memory=4294967296',
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

async function build(name: keyof typeof BUILDS, files: Tree, link: string[]): Promise<void> {
  const objects: Tree = {};
  for (const source of Object.keys(files).filter(file => file.endsWith('.c'))) {
    const object = source.replace(/c$/, 'o');
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

writeFileSync(new URL('instructions.h', KERNELS), instructionsHeader());
mkdirSync(RESOURCES, { recursive: true });
await build('kernels', sourcesIn(KERNELS), LINK_SHARED);
await build('reference', sourcesIn(KERNELS), LINK_SHARED);
await build('pictures', sourcesIn(new URL('pictures/', KERNELS)), ['-z', 'stack-size=65536']);
await buildNative();
