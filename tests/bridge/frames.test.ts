/** What may cross between window and studio: how large, how deep, of which kinds. */
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/bridge/codec.ts';
import { MessageError, MOST_LEVELS } from '../../src/bridge/messageFrames.ts';
import { DOCUMENT_BUDGET } from '../../src/engine/graph/budget.ts';

/** A list in a list in a list. */
function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
}

const bytes = (...values: number[]) => new Uint8Array(values);
const refused = (frame: Uint8Array) => expect(() => decode(frame)).toThrow(MessageError);

describe('what a project may be comes through', () => {
  test('a record of more than 65,535 entries', () => {
    const record = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`c${i}`, i]));
    expect(decode(encode(record))).toEqual(record);
  });

  test('as many values as a project may hold, of the kind that takes most', () => {
    const node = () => ({ params: { a: Array.from({ length: 4990 }, () => ({ a: {} })) } });
    const nodes = Array.from({ length: Math.floor(DOCUMENT_BUDGET.values / 9985) }, node);
    expect(encode({ document: { graph: { nodes } } }).length).toBeGreaterThan(DOCUMENT_BUDGET.values);
  });

  test('not a record of a million entries: it would keep the studio busy for seconds', () => {
    expect(() => encode(Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [i, 0])))).toThrow(
      /holds more values than fit into memory/,
    );
  });

  test('forty thousand layers, and a curve of a hundred thousand points', () => {
    const node = { kind: 'Conv2d', name: 'conv', params: { filters: 3, kernel: [3, 3] }, x: 0.5, y: 1 };
    const nodes = Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`n${i}`, node]));
    const edges = Array.from({ length: 40_000 }, (_, i) => ({ source: `n${i}`, target: `n${i}`, input: 0 }));
    const curve = Array.from({ length: 100_000 }, (_, i) => ({ step: i, loss: Math.sin(i) }));
    const message = { nodes, edges, curve, values: new Float32Array(1_000_000) };
    expect(decode(encode(message))).toEqual(message);
  });

  test.each(['toJSON', 'constructor', 'hasOwnProperty', 'toString', 'valueOf', 'then', 'length'])(
    'a parameter called %s',
    name => {
      for (const value of [1, null, 'text', { [name]: [true] }])
        expect(decode(encode({ [name]: value }))).toEqual({ [name]: value });
    },
  );
});

describe('depth', () => {
  test('as much as there is room for comes through', () => {
    expect(decode(encode(nested(MOST_LEVELS)))).toEqual(nested(MOST_LEVELS));
  });

  test.each([MOST_LEVELS + 1, 5_000, 1_000_000])('%i levels are refused in a sentence, both ways', levels => {
    expect(() => encode(nested(levels))).toThrow(/^What is sent .* 100 levels deep .*\.$/);
    refused(new Uint8Array(levels + 1).fill(0x91, 0, levels));
  });

  test('what holds itself is refused', () => {
    const loop: Record<string, unknown> = {};
    loop.inner = loop;
    expect(() => encode(loop)).toThrow(MessageError);
  });
});

describe('size', () => {
  test('more than 64 MiB are refused in a sentence, and the message after them is sent', () => {
    expect(() => encode({ text: 'x'.repeat(65 * 2 ** 20) })).toThrow(/^What is sent .* 64 MiB .*\.$/);
    expect(decode(encode('next'))).toBe('next');
  });

  test.each([
    ['empty lists', 0x90],
    ['empty records', 0x80],
    ['numbers', 0x01],
  ])('what few bytes blow up into gigabytes is refused: %s', (_name, token) => {
    const count = 40 * 2 ** 20;
    const frame = new Uint8Array(count + 5).fill(token);
    frame[0] = 0xdd;
    new DataView(frame.buffer).setUint32(1, count);
    refused(frame);
  });

  test.each([0xdd, 0xdf, 0xc6, 0xdb, 0xc9])('a length of four billion after %i is refused', token => {
    refused(bytes(token, 0xff, 0xff, 0xff, 0xff, 0x74, 1, 2, 3));
  });
});

describe('kinds', () => {
  const packr = new Packr({ useRecords: false, moreTypes: true });
  test.each([
    ['an expression', /(a+)+$/],
    ['an error', new Error('x')],
    ['a set', new Set([1])],
    ['a date', new Date(0)],
    ['a huge number', 2n ** 80n],
  ])('%s is neither sent nor read', (_name, value) => {
    expect(() => encode({ value })).toThrow(MessageError);
    refused(packr.pack({ value }));
  });

  test('neither functions nor symbols are sent', () => {
    for (const value of [() => 0, Symbol('x')]) expect(() => encode([value])).toThrow(MessageError);
  });

  test('no record definition is read: msgpackr makes code of them', () => {
    refused(bytes(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01));
    refused(new Packr({ useRecords: true }).pack([{ a: 1 }, { a: 2 }]));
  });

  test('the keys of a record are words', () => {
    refused(bytes(0x81, 0x01, 0x02));
    refused(bytes(0x81, 0x91, 0xa1, 0x61, 0x02));
  });
});

test('bytes are a message or refused in a sentence, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), frame => {
      try {
        decode(frame);
      } catch (error) {
        expect(error).toBeInstanceOf(MessageError);
      }
    }),
    { numRuns: 20_000, seed: 1 },
  );
});

test('what is cut off anywhere is refused', () => {
  const frame = encode({
    list: [1, 2.5, -70_000, 'text', null],
    bytes: bytes(1, 2),
    curve: new Float64Array(3),
  });
  for (let length = 0; length < frame.length; length++) refused(frame.subarray(0, length));
});
