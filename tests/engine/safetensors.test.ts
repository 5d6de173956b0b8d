/** The format: what is written is read back, and anything else gets a clear error. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../src/engine/formats/safetensors.ts';

const tensors = [
  { name: 'conv.weight', shape: [2, 1, 2, 2], values: Float32Array.from([1, -2, 3.5, 4, 5, 6, 7, 8e-9]) },
  { name: 'target', shape: [3], values: Int32Array.from([1, -2, 3]) },
  { name: 'loss', shape: [], values: Float32Array.of(0.5) },
];

it('reads back what it writes', () => {
  const file = readSafetensors(writeSafetensors(tensors, { format: 'pt' }));
  expect([...file.tensors.values()]).toEqual(tensors);
  expect(file.metadata).toEqual({ format: 'pt' });
});

it('reads from anywhere in a larger buffer', () => {
  const bytes = writeSafetensors(tensors);
  const shifted = Buffer.concat([Buffer.from([9, 9, 9]), bytes]).subarray(3);
  expect([...readSafetensors(shifted).tensors.values()]).toEqual(tensors);
});

it('refuses a file that is cut off, at any byte', () => {
  const bytes = writeSafetensors(tensors);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => readSafetensors(bytes.subarray(0, length)), `${length}`).toThrow(SafetensorsError);
  }
});

it('answers any bytes with a tensor or a SafetensorsError', () => {
  const header = fc.json().map(json => {
    const text = new TextEncoder().encode(json);
    const file = new Uint8Array(8 + text.length + 16);
    new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
    file.set(text, 8);
    return file;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), header), bytes => {
      try {
        readSafetensors(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(SafetensorsError);
      }
    }),
  );
});
