import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/bridge/codec.ts';

/** What would name a prototype is not carried: that is on purpose. */
const carried = fc.jsonValue().filter(value => !JSON.stringify(value).includes('"__proto__"'));

test('every message that JSON can say comes back as it was', () => {
  fc.assert(
    fc.property(carried, value => {
      // As JSON itself would bring it: it knows no negative zero.
      expect(decode(encode(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

describe('what JSON cannot say comes back too', () => {
  test.each([
    ['a time in milliseconds', 1795305600000],
    ['not a number', Number.NaN],
    ['infinities', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['bytes', new Uint8Array([0, 127, 255])],
    ['a curve', new Float64Array([0.1, 2.5e-300, 3])],
    ['a missing optional', { name: undefined, epoch: 3 }],
  ])('%s', (_name, value) => {
    expect(decode(encode(value))).toEqual(value);
  });
});

test('messages stand alone: each is decoded without the ones before it', () => {
  const point = (step: number) => ({ step, loss: 0.5, accuracy: 0.25 });
  const frames = Array.from({ length: 50 }, (_, step) => encode([point(step), point(step)]));
  for (const step of [49, 3, 20]) expect(decode(frames[step]!)).toEqual([point(step), point(step)]);
});

test('no message can reach into the prototype of objects', () => {
  const bytes = encode(new Map([['__proto__', { polluted: true }]]));
  decode(bytes);
  expect('polluted' in {}).toBe(false);
});

test('bytes that are no message are an error', () => {
  expect(() => decode(new Uint8Array([0x82, 0xa1]))).toThrow();
  expect(() => decode(new Uint8Array())).toThrow();
});
