/** The format: what is written is read back, and anything else gets a clear error. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../src/engine/formats/safetensors.ts';

/** SHA-256 of what PyTorch makes of all numbers of two bytes, by type. */
const halfPrecision: Record<string, string> = JSON.parse(
  readFileSync(new URL('../oracles/expected/halfPrecision.json', import.meta.url), 'utf8'),
);

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

/** A file of one tensor, `half`, of all numbers of two bytes. */
function allHalves(dtype: string): Uint8Array {
  const entry = { half: { dtype, shape: [65_536], data_offsets: [0, 131_072] } };
  const header = new TextEncoder().encode(JSON.stringify(entry));
  const file = new Uint8Array(8 + header.length + 131_072);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  for (let i = 0; i < 65_536; i++) view.setUint16(8 + header.length + 2 * i, i, true);
  return file;
}

it.each(['F16', 'BF16'])('reads every number of %s as PyTorch does', dtype => {
  const { values } = readSafetensors(allHalves(dtype)).tensors.get('half')!;
  const floats = values.map(value => (Number.isNaN(value) ? 0 : value));
  expect(createHash('sha256').update(new Uint8Array(floats.buffer)).digest('hex')).toBe(halfPrecision[dtype]);
});
