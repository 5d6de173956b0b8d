/** Numbers of sixteen bits against those of the platform: every one there is. */
import { expect, it } from 'vitest';
import { bfloatToFloat, halfToFloat } from '../../src/engine/formats/halfPrecision.ts';

const all = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);

it('reads every half as the platform does', () => {
  const platform = new Float16Array(all.buffer);
  const read = halfToFloat(all);
  const differing = all.filter(i => !Object.is(read[i], platform[i]));
  expect([...differing]).toEqual([]);
});

it('reads bfloat16 as the upper half of a float32', () => {
  const read = new DataView(bfloatToFloat(all).buffer);
  const differing = all.filter(i => read.getUint32(4 * i, true) !== i * 2 ** 16);
  expect([...differing]).toEqual([]);
});
