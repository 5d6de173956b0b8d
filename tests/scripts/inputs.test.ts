/** The build knows what it reads: whatever of it changes makes the step due that reads it, and nothing else does. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  digestOf,
  inputsOf,
  isDone,
  type StepName,
  stampFile,
  stampFrom,
  stampOf,
  steps,
} from '../../scripts/inputs.mjs';
import { importedBy } from '../../scripts/lint/imports.ts';

const root = join(import.meta.dirname, '..', '..');
const names: StepName[] = ['kernels', 'bundles'];

/** A folder of our own with all that a step reads. */
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'receptive-inputs-'));
  for (const file of ['.gitignore', ...names.flatMap(name => inputsOf(root, steps[name]))]) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
});

afterAll(() => rmSync(copy, { recursive: true }));

/** As if the step had just been done. */
function done(name: StepName): void {
  for (const file of [...steps[name].results, 'out/.any']) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    writeFileSync(join(copy, file), '');
  }
  writeFileSync(stampFile(copy, name), stampOf(copy, steps[name]));
  expect(isDone(copy, name)).toBe(true);
}

/** What a file imports of ours when it runs: without types, which Node does not read. */
function importsOf(file: string): string[] {
  return importedBy(file, readFileSync(join(root, file), 'utf8'), false)
    .filter(specifier => specifier.startsWith('.'))
    .map(specifier => posix.join(dirname(file), specifier));
}

describe.each(names)('%s', name => {
  const inputs = inputsOf(root, steps[name]);

  it('reads every file that its inputs import', () => {
    const scripts = inputs.filter(file => /\.(ts|tsx|mjs)$/.test(file));
    expect(scripts).toContain(steps[name].script);
    const known = new Set(inputs);
    const missing = scripts.flatMap(file =>
      importsOf(file).flatMap(imported => (known.has(imported) ? [] : `${file} imports ${imported}`)),
    );
    expect(missing).toEqual([]);
  });

  it('has a stamp that changes with each of them', () => {
    const states = inputs.map((file): [string, string] => [file, digestOf(join(root, file))]);
    const before = stampFrom(states);
    const unnoticed = states.filter(([file], i) => stampFrom(states.with(i, [file, 'other'])) === before);
    expect(unnoticed).toEqual([]);
  });

  it('is due again without a result', () => {
    for (const result of steps[name].results) {
      done(name);
      rmSync(join(copy, result));
      expect(isDone(copy, name), result).toBe(false);
    }
  });
});

it('touching any file that the kernels are built from makes them due, putting it back does not', () => {
  const inputs = inputsOf(copy, steps.kernels);
  const named = ['layers/trainingInstructions.ts', 'compile/encode.ts', 'kernels/pictures/jpeg.c'];
  expect(inputs).toEqual(expect.arrayContaining(named.map(file => `src/engine/${file}`)));
  expect(inputs).toContain('scripts/build-native.ts');
  done('kernels');
  for (const file of inputs) {
    const text = readFileSync(join(copy, file));
    writeFileSync(join(copy, file), Buffer.concat([text, Buffer.from('\n')]));
    expect(isDone(copy, 'kernels'), file).toBe(false);
    writeFileSync(join(copy, file), text);
  }
  expect(isDone(copy, 'kernels')).toBe(true);
});

it('a file that is new is an input, one that the build writes itself is none', () => {
  done('kernels');
  writeFileSync(join(copy, 'src/engine/kernels/instructions.h'), '/* written */');
  expect(isDone(copy, 'kernels')).toBe(true);
  writeFileSync(join(copy, 'src/engine/kernels/new.c'), '');
  expect(isDone(copy, 'kernels')).toBe(false);
});

it('another compiler makes the kernels due', () => {
  const withCompiler = (program: string) => stampOf(root, { ...steps.kernels, programs: [program] });
  expect(withCompiler(process.execPath)).not.toBe(withCompiler('no such compiler'));
});
