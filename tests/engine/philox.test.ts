/** The generator against the vectors that its authors publish (Random123, kat_vectors), and what is drawn from it. */
import { expect, it } from 'vitest';
import { fillUniform, philox, shuffled } from '../../src/engine/runtime/philox.ts';

it.each([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const)('gives the published numbers for counter %j', (counter, [key0, key1], numbers) => {
  expect(philox(counter, key0, key1)).toEqual(numbers);
});

it('draws uniformly within the bound', () => {
  const values = new Float32Array(100_000);
  fillUniform(values, 0.5, 7, 1, 42);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.5);
  expect(Math.abs(mean)).toBeLessThan(0.003);
  expect(variance).toBeCloseTo(1 / 12, 2);
});

it('shuffles everything, differently each epoch, the same for the same seed', () => {
  const items = Int32Array.from({ length: 1000 }, (_, i) => i);
  const first = shuffled(items, 3, 0);
  expect(first).not.toEqual(items);
  expect(shuffled(items, 3, 0)).toEqual(first);
  expect(shuffled(items, 3, 1)).not.toEqual(first);
  expect(shuffled(items, 4, 0)).not.toEqual(first);
  expect(first.toSorted()).toEqual(items);
});
