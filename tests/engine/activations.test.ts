/** The mathematics of the kernels against JavaScript's, over all that an activation can be given. */
import { describe, expect, it } from 'vitest';
import type { BackendName } from '../../src/engine/runtime/backend.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { evaluate } from './evaluation.ts';

const NUMBERS = [-1e30, -700, -95, -30, -6, -3, -2.2, -1, -0.36, -0.3, -1e-3, -1e-9, 0];
const WIDE = [...NUMBERS, ...NUMBERS.toReversed().map(x => -x), 0.62, 0.63, 1.5, 88.1, 89];

function apply(kind: string, params: object, numbers: readonly number[], backend: BackendName): Float64Array {
  const graph = chain([
    ['Input', 'input', { shape: [1, 1, numbers.length] }],
    ['Flatten', 'flatten'],
    [kind, 'layer', { ...params }],
  ]);
  return evaluate({ graph, images: numbers, batch: 1, program: 'evaluate', backend });
}

const clamp = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const functions: [string, object, (x: number) => number][] = [
  ['ReLU6', {}, x => clamp(x, 0, 6)],
  ['LeakyReLU', { negativeSlope: 0.25 }, x => (x > 0 ? x : x / 4)],
  ['ELU', { alpha: 1.5 }, x => (x > 0 ? x : 1.5 * Math.expm1(x))],
  [
    'GELU',
    { approximate: 'tanh' },
    x => (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))) / 2,
  ],
  ['SiLU', {}, x => x * sigmoid(x)],
  ['Hardswish', {}, x => (x * clamp(x + 3, 0, 6)) / 6],
  ['Hardsigmoid', {}, x => clamp(x + 3, 0, 6) / 6],
  ['Sigmoid', {}, sigmoid],
  ['Tanh', {}, Math.tanh],
];

describe.each(functions)('%s %j', (kind, params, wanted) => {
  it('is right to the last digits in double precision', () => {
    for (const [i, y] of apply(kind, params, WIDE, 'reference').entries()) {
      const exact = wanted(WIDE[i]!);
      expect(Math.abs(y - exact), `${WIDE[i]}`).toBeLessThanOrEqual(
        2e-15 * Math.max(1e-300, Math.abs(exact)),
      );
    }
  });

  it('is right to 3e-7 in single precision', () => {
    // What a product with an infinitely small share gives is a matter of taste.
    const numbers = WIDE.filter(x => Math.abs(x) < 1e20);
    for (const [i, y] of apply(kind, params, numbers, 'wasm').entries()) {
      const exact = wanted(Math.fround(numbers[i]!));
      expect(Math.abs(y - exact), `${numbers[i]}`).toBeLessThan(3e-7 * Math.max(1, Math.abs(exact)));
    }
  });

  it('lets NaN through', () => {
    for (const backend of ['wasm', 'reference'] as const)
      expect(apply(kind, params, [Number.NaN, 1], backend)[0]).toBeNaN();
  });
});

it('GELU has the error function in all its digits', () => {
  // math.erf of Python 3.
  const table: [number, number][] = [
    [0.001, 0.0011283787909692365],
    [0.3, 0.3286267594591274],
    [1, 0.8427007929497149],
    [1.7, 0.9837904585907745],
    [1.999, 0.9953015566513705],
    [2.001, 0.9953428907185247],
    [2.6, 0.9997639655834707],
    [3.5, 0.9999992569016276],
    [5, 0.9999999999984626],
  ];
  const y = apply(
    'GELU',
    {},
    table.map(([x]) => x * Math.SQRT2),
    'reference',
  );
  for (const [i, [x, erf]] of table.entries())
    expect(y[i]! / ((x * Math.SQRT2 * (1 + erf)) / 2) - 1, `${x}`).toBeCloseTo(0, 14);
  const single = apply(
    'GELU',
    {},
    table.map(([x]) => x * Math.SQRT2),
    'wasm',
  );
  for (const [i, value] of single.entries()) expect(Math.abs(value - y[i]!)).toBeLessThan(1e-6);
});

it.each(['wasm', 'reference'] as const)('softmax of %s adds up to one, however large its input', backend => {
  const shares = apply('Softmax', {}, [1000, 1001, -5000, 999], backend);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
  const logarithms = apply('LogSoftmax', {}, [1000, 1001, -5000, 999], backend);
  for (const [i, logarithm] of logarithms.entries()) expect(Math.exp(logarithm)).toBeCloseTo(shares[i]!, 4);
});
