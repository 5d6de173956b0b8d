/**
 * Builds the kernels for this machine's kind of processor, where gcc or clang is there: one Node-API addon for each
 * set of instructions, `resources/native/linux-x64-avx512.node`. Where it cannot, it says so in one line, and the
 * engine computes in WebAssembly.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeCpus } from '../src/engine/runtime/native.ts';
import { removeInside } from '../src/main/removal.ts';

const KERNELS = fileURLToPath(new URL('../src/engine/kernels/', import.meta.url));
const TARGET = fileURLToPath(new URL('../resources/native/', import.meta.url));

/** The package has no types. */
const { include_dir } = createRequire(import.meta.url)('node-api-headers') as { include_dir: string };

const CPU_FLAGS: Record<string, string[]> = {
  avx512: [
    '-mavx512f',
    '-mavx512dq',
    '-mavx512bw',
    '-mavx512vl',
    '-mavx2',
    '-mfma',
    '-mprefer-vector-width=512',
  ],
  avx2: ['-mavx2', '-mfma'],
  neon: [],
};

const COMPILE = [
  '-c',
  '-std=gnu2x',
  '-O3',
  '-fPIC',
  '-fvisibility=hidden',
  // As in WebAssembly: products and sums in one, nothing else reordered.
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-funroll-loops',
  '-Wall',
  '-Wextra',
  '-Wno-unknown-pragmas',
  '-Wno-psabi',
  '-Wno-attributes',
];

// Node has the functions that the addon calls.
const LINK = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-s'];

const compilers = [process.env.CC, 'clang', 'gcc', 'cc'].filter(name => name !== undefined);

function run(compiler: string, args: string[]): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn(compiler, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', () => resolve(false));
    child.on('close', code => resolve(code === 0));
  });
}

async function build(compiler: string, cpu: string): Promise<boolean> {
  const objects = mkdtempSync(join(tmpdir(), 'receptive-native-'));
  try {
    const addon = ['native/addon.c', [`-DFOR_${cpu}`, `-I${include_dir}`]] as const;
    const kernels = readdirSync(KERNELS).filter(file => file.endsWith('.c'));
    const sources = [addon, ...kernels.map(file => [file, CPU_FLAGS[cpu]!] as const)];
    const built = sources.map(([file]) => join(objects, `${file.replace(/\W/g, '_')}.o`));
    for (const [i, [file, flags]] of sources.entries())
      if (!(await run(compiler, [...COMPILE, ...flags, join(KERNELS, file), '-o', built[i]!]))) return false;
    const result = join(TARGET, `${process.platform}-${process.arch}-${cpu}.node`);
    return await run(compiler, [...LINK, ...built, '-o', result]);
  } finally {
    await removeInside(tmpdir(), objects);
  }
}

/** Never fails: without an addon the engine works all the same. */
export async function buildNative(): Promise<void> {
  const skipped = (why: string) =>
    process.stderr.write(`The native kernels are not built (${why}); the engine uses WebAssembly.\n`);
  await removeInside(dirname(TARGET), TARGET);
  if (nativeCpus.length === 0) {
    skipped(`${process.platform} on ${process.arch} is not known`);
    return;
  }
  const compiler = compilers.find(name => spawnSync(name, ['--version']).status === 0);
  if (!compiler) {
    skipped('there is no gcc or clang');
    return;
  }
  mkdirSync(TARGET, { recursive: true });
  const results = await Promise.all(nativeCpus.map(cpu => build(compiler, cpu)));
  if (results.includes(false)) skipped(`${compiler} could not build them`);
}
