/**
 * Each number that C and TypeScript share stands in one table: the kernels' sources say none of them again, what is
 * built carries all of them, and kernels that were built from others are refused.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hashOfTables, instructionsHash } from '../../src/engine/compile/encode.ts';
import { instructions } from '../../src/engine/layers/instructions.ts';
import { kernelTables } from '../../src/engine/layers/kernelConstants.ts';
import { compileKernels } from '../../src/engine/runtime/backend.ts';
import { resource } from '../../src/engine/runtime/fileLocation.ts';
import { SINGLE_STEP_WORDS, words } from '../../src/engine/runtime/memory.ts';

const KERNELS = new URL('../../src/engine/kernels/', import.meta.url);
const WRITTEN = ['constants.h', 'instructions.h'];

const sources = readdirSync(KERNELS, { recursive: true, encoding: 'utf8' })
  .filter(file => /\.[ch]$/.test(file) && !WRITTEN.includes(file))
  .map(file => [file, readFileSync(new URL(file, KERNELS), 'utf8')] as const);

const header = readFileSync(new URL('constants.h', KERNELS), 'utf8');
const { constants, enums, controlBlock } = kernelTables;

const upperCase = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase();
const codes = Object.entries(enums).flatMap(([name, each]) =>
  Object.entries(each).map(([code, value]) => [`${upperCase(name)}_${upperCase(code)}`, value] as const),
);

it('writes every number for C under its own name', () => {
  for (const [name, value] of Object.entries(constants)) {
    const [, written] = header.match(new RegExp(`^#define ${name} \\(?([^u)\\n]+)`, 'm')) ?? [];
    expect(Number(written), name).toBe(value);
  }
  for (const [name, value] of codes) expect(header, name).toContain(`  ${name} = ${value},\n`);
  const [, fields] = header.match(/typedef struct \{\n([^}]*)\} Control;/)!;
  const names = [...fields!.matchAll(/ (\w+);/g)].map(([, name]) => upperCase(name!));
  expect(names).toEqual(Object.keys(controlBlock).map(upperCase));
});

it('says no number again, and none that nobody asks for', () => {
  expect(sources.length).toBeGreaterThan(50);
  const shared = [...Object.keys(constants), ...codes.map(([name]) => name)];
  for (const [file, text] of sources)
    for (const [, name] of text.matchAll(/^\s*#define (\w+)/gm)) expect(shared, file).not.toContain(name);
  const all = sources.map(([, text]) => text).join('\n');
  // Orders are drawn in TypeScript alone; of padding and of losses the first is what is none of the others.
  const spared = ['STREAM_ORDER', 'PADDING_ZEROS', 'ELEMENT_LOSS_BINARY'];
  for (const name of shared)
    if (!spared.includes(name)) expect(new RegExp(`\\b${name}\\b`).test(all), name).toBe(true);
});

it('lays the control block out word by word', () => {
  expect(Object.values(words)).toEqual(Object.keys(controlBlock).map((_, place) => place));
});

it('has room for any instruction that is run by itself', () => {
  const most = Math.max(...Object.values(instructions).map(fields => Object.keys(fields).length));
  expect(4 * (1 + most + 1)).toBeLessThanOrEqual(SINGLE_STEP_WORDS[1] - SINGLE_STEP_WORDS[0]);
});

/** The table with each of its numbers changed in turn. */
function* changed(table: object): Generator<object> {
  for (const [name, value] of Object.entries(table)) {
    if (typeof value === 'object') for (const each of changed(value)) yield { ...table, [name]: each };
    else yield { ...table, [name]: typeof value === 'number' ? value + 1 : `${value}?` };
  }
}

describe('stale kernels', () => {
  it('have another hash, whichever number was changed', () => {
    const tables = { instructions, ...kernelTables };
    expect(hashOfTables(tables)).toBe(instructionsHash);
    const hashes = [...changed(tables)].map(each => hashOfTables(each));
    expect(hashes.length).toBeGreaterThan(500);
    expect(hashes).not.toContain(instructionsHash);
    const { PANEL: _, ...others } = constants;
    expect(hashOfTables({ ...tables, constants: others })).not.toBe(instructionsHash);
  });

  it.each(['kernels', 'reference', 'pictures'])('are refused: %s', name => {
    const bytes = new Uint8Array(readFileSync(resource(`${name}.wasm`)));
    expect(compileKernels(bytes)).toBeInstanceOf(WebAssembly.Module);
    bytes[bytes.length - 1]! ^= 1;
    const sentence = "The engine's kernels are out of date: npm run build makes them anew.";
    expect(() => compileKernels(bytes)).toThrow(sentence);
  });
});
