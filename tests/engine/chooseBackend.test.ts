/** Which backend computes: the fastest that is right, with a reason where it is not the fastest. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { compileKernels } from '../../src/engine/runtime/backend.ts';
import { chooseBackend, differenceFromReference, trialStep } from '../../src/engine/runtime/chooseBackend.ts';
import { resource } from '../../src/engine/runtime/fileLocation.ts';
import { fastBackends } from './backends.ts';

afterEach(() => {
  delete process.env.RECEPTIVE_CPU;
});

it('takes native kernels where there are some, and WebAssembly where it is asked for', () => {
  expect(chooseBackend('wasm')).toEqual({ name: 'wasm', title: 'WebAssembly', note: null });
  for (const [title, use] of fastBackends.slice(1)) {
    use();
    expect(chooseBackend('auto'), title).toMatchObject({ name: 'native', note: null });
  }
});

it('falls back to WebAssembly with a reason, and refuses what was asked for and is not there', () => {
  process.env.RECEPTIVE_CPU = 'none';
  const chosen = chooseBackend('auto');
  expect(chosen).toEqual({ name: 'wasm', title: 'WebAssembly', note: 'The native kernels are not built.' });
  expect(() => chooseBackend('native')).toThrow('The native kernels are not built.');
});

it('does not run kernels of another table of instructions', () => {
  const bytes = new Uint8Array(readFileSync(resource('kernels.wasm')));
  expect(compileKernels(bytes)).toBeInstanceOf(WebAssembly.Module);
  bytes[bytes.length - 1]! ^= 1;
  const sentence = "The engine's kernels are out of date: npm run build makes them anew.";
  expect(() => compileKernels(bytes)).toThrow(sentence);
});

it.each(fastBackends)('trusts %s, and none that computes a tensor wrongly', (_, use) => {
  const [actual, wanted] = [trialStep(use()), trialStep('reference')];
  expect(differenceFromReference('these', actual, wanted)).toBeNull();
  for (const [i, { name, values }] of actual.entries()) {
    const scale = Math.max(...values.map(Math.abs), 1e-3);
    for (const wrong of [values[0]! + scale / 100, Number.NaN]) {
      const changed = { ...actual[i]!, values: Float32Array.from(values, (each, at) => (at ? each : wrong)) };
      expect(differenceFromReference('these', actual.with(i, changed), wanted)).toBe(
        `The kernels of this machine (these) computed ${name} wrongly when they were tried.`,
      );
    }
  }
});
