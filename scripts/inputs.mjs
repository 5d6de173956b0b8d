/**
 * What each step of the build reads, and the stamp of it all: where that is the same as when the step was last done,
 * it need not be done again. Needs plain Node 20 and imports nothing that is not there yet, so it reads imports by
 * their form, which Biome keeps; tests/scripts/inputs.test.ts holds it against a parser.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join, relative, sep } from 'node:path';

/** Steps in their order. Paths are relative to the root, with slashes. */
export const steps = {
  kernels: {
    title: 'Building the kernels…',
    /** Run by Node 24; what it imports is read as well. */
    script: 'scripts/build-kernels.ts',
    reads: [
      'src/engine/kernels',
      'node_modules/@yowasp/clang/package.json',
      'node_modules/node-api-headers/package.json',
    ],
    /** By which build-native.ts finds a compiler. */
    programs: [process.env.CC, 'clang', 'gcc', 'cc'],
    results: ['resources/kernels.wasm', 'resources/reference.wasm', 'resources/pictures.wasm'],
  },
  bundles: {
    title: 'Building the program…',
    script: 'electron.vite.config.ts',
    // Of package.json the bundles have the version, and its dependencies are what they leave out.
    reads: ['src', 'tsconfig.base.json', 'package.json', 'package-lock.json'],
    programs: [],
    results: ['out/main/web.js', 'out/preload/preload.cjs', 'out/renderer/web.html'],
  },
};

/** Every file that a step reads, by its path from the root. What git ignores was written by a step, not by a person. */
export function inputsOf(root, { script, reads }) {
  const written = new Set(readFileSync(join(root, '.gitignore'), 'utf8').split(/\r?\n/));
  const files = [...importedFrom(root, script), ...reads.flatMap(path => filesAt(root, path))];
  return [...new Set(files)].filter(file => !written.has(file)).sort();
}

/** Changes with the name and the content of every input, and with the programs that the step would find. */
export function stampOf(root, step) {
  const digests = inputsOf(root, step).map(file => [file, digestOf(join(root, file))]);
  return stampFrom([...digests, ...step.programs.map(program => [program, placeOf(program)])]);
}

/** @param inputs names, each with what tells one state of it from another */
export function stampFrom(inputs) {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

/** Whether a step's results are there, and all that it reads is as it was when it wrote them. */
export function isDone(root, name) {
  const stamp = stampFile(root, name);
  const isThere = steps[name].results.every(result => existsSync(join(root, result)));
  return isThere && existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(root, steps[name]);
}

export const stampFile = (root, name) => join(root, 'out', `.${name}`);

export function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** A script and all files of ours that run with it: what it imports but for types, and what those import. */
export function importedFrom(root, script) {
  const found = new Set([script]);
  for (const file of found) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, specifier] of text.matchAll(IMPORT)) {
      const imported = slashed(relative(root, join(root, dirname(file), specifier)));
      if (existsSync(join(root, imported))) found.add(imported);
    }
  }
  return found;
}

/** Imports and exports from a path, over several lines or not, and those by a call. Types are not read by Node. */
const IMPORT = /(?:^(?:import|export)\b(?! type\b)[^;]*?from |^import |\bimport\()'(\.{1,2}\/[^']+)'/gm;

function filesAt(root, path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => slashed(relative(root, join(entry.parentPath, entry.name))));
}

/** Where a program really is, which tells its version on most systems; empty where there is none. */
function placeOf(program) {
  if (!program) return '';
  const folders = program.includes(sep) ? [''] : (process.env.PATH ?? '').split(delimiter);
  const file = folders.map(folder => join(folder, program)).find(place => existsSync(place));
  return file ? realpathSync(file) : '';
}

const slashed = path => path.split(sep).join('/');
