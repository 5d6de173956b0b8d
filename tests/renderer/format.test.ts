/** How figures are written, as a reader expects them. */
import { expect, it } from 'vitest';
import { decimal } from '../../src/renderer/ui/numberFormat.ts';

it.each([
  [60_000, '60\u2009000'],
  [12_345.6, '12\u2009350'],
  [999_999.9, '1\u2009000\u2009000'],
  [1234.5, '1\u2009235'],
  [-0.00012, '\u22120.00012'],
  [0.5, '0.5'],
  [1e6, '1e6'],
  [2.5e-7, '2.5e\u22127'],
  [0, '0'],
  [Number.NaN, 'NaN'],
])('writes %d as %s', (value, text) => expect(decimal(value)).toBe(text));
