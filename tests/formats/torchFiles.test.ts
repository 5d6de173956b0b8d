/**
 * Files of torch.save against what PyTorch says is in them (tests/oracles/torchFiles.py), and files that are none:
 * each is refused in one sentence, whatever its bytes are, and nothing is as large as it only claims to be.
 */
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openWeights } from '../../src/engine/formats/openWeights.ts';
import { writeSafetensors } from '../../src/engine/formats/safetensors.ts';
import { WeightsError } from '../../src/engine/formats/weightsError.ts';
import { memorySource } from './memorySource.ts';
import { archiveOf as around, ascii, PROTOCOL_2, pickledTensor, string } from './torchArchive.ts';
import { zipOf } from './zipOf.ts';

interface Described {
  readonly type: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const folder = new URL('../oracles/expected/torchFiles/', import.meta.url);
const bytesOf = (name: string) => readFileSync(new URL(`${name}.pth`, folder));
const expected: {
  readonly good: Record<string, Record<string, Described>>;
  readonly bad: Record<string, string>;
} = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));

const open = (bytes: Uint8Array) => openWeights(memorySource(bytes));

/** What it holds, all of it read. */
function contents(bytes: Uint8Array): Record<string, Described> {
  const entries = [...open(bytes).tensors].map(([name, { type, shape, read }]) => {
    return [name, { type, shape, values: [...read()] }] as const;
  });
  return Object.fromEntries(entries);
}

/** The sentence that a file is refused with. */
function refusal(bytes: Uint8Array): string {
  try {
    contents(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(WeightsError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('what PyTorch wrote', () => {
  it.each(Object.keys(expected.good))('%s is read as PyTorch reads it', name => {
    const wanted = expected.good[name]!;
    const read = contents(bytesOf(name));
    expect(Object.keys(read)).toEqual(Object.keys(wanted));
    for (const [tensor, { type, shape, values }] of Object.entries(wanted)) {
      // Whole numbers and halves are exact; float64 is kept as float32.
      const kept = type === 'float64' ? values.map(Math.fround) : values;
      expect(read[tensor], tensor).toEqual({ type, shape, values: kept });
    }
  });

  it('is found in a checkpoint, and what lies beside it is told', () => {
    for (const name of ['checkpoint', 'checkpoint_legacy']) {
      const { within, beside, format } = open(bytesOf(name));
      expect(within).toEqual(['state_dict']);
      expect(beside).toEqual(['epoch', 'arch', 'best', 'optimizer', 'lr_scheduler']);
      expect(format).toBe(name === 'checkpoint' ? 'PyTorch' : 'PyTorch before 1.6');
    }
  });

  it('is refused by name where it is more than tensors', () => {
    for (const [name, asks] of Object.entries(expected.bad)) {
      const said = refusal(bytesOf(name));
      if (asks === 'TorchScript') expect(said).toMatch(/^The file is a TorchScript program/);
      else expect(said).toContain(`The file asks for ${asks}, which is no tensor; nothing of it was run.`);
    }
  });
});

describe('a file that is none', () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const tar = new Uint8Array(600);
  tar.set(text('ustar'), 257);
  it.each([
    ['a web page', text('<!DOCTYPE html><html><body>Sign in</body></html>'), /web page/],
    [
      'a pointer of Git LFS',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:4d\n'),
      /git lfs pull/,
    ],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0), /gzip/],
    ['a tar archive', tar, /tar archive/],
    ['HDF5', text('\u0089HDF\r\n').subarray(1), /HDF5/],
    ['JSON', text('[1, 2, 3]'), /JSON/],
    ['nothing', new Uint8Array(), /empty/],
    ['zeros', new Uint8Array(100), /neither safetensors nor/],
    [
      'an archive of something else',
      zipOf({ 'a.txt': text('hello') }),
      /archive that torch.save did not write/,
    ],
    ['an archive of NumPy', zipOf({ 'a.npy': text('hello') }), /\.npz/],
    ['an archive with weights in it', zipOf({ 'net.pth': text('hello') }), /unpack it first/],
  ])('is refused as what it is: %s', (_, bytes, sentence) => {
    expect(refusal(bytes)).toMatch(sentence);
  });

  it('is read as safetensors whatever it is called', () => {
    const tensor = { name: 'a', shape: [2], values: Float32Array.of(1, 2) };
    expect(contents(writeSafetensors([tensor]))).toEqual({
      a: { type: 'float32', shape: [2], values: [1, 2] },
    });
  });
});

describe('a damaged file', () => {
  it.each(['zip', 'legacy', 'checkpoint_legacy'])('%s is refused when it is cut off, at any byte', name => {
    const bytes = bytesOf(name);
    for (let length = 0; length < bytes.length; length += 1 + (length % 3)) {
      expect(refusal(bytes.subarray(0, length)), `${length}`).toMatch(/^The file .*\.$/s);
    }
  });

  it('gives tensors or a sentence, whatever bytes are changed', () => {
    const files = ['zip', 'legacy', 'protocol4', 'checkpoint', 'views', 'numbers_legacy'].map(bytesOf);
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        (file, changes) => {
          const bytes = Uint8Array.from(file);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            contents(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(WeightsError);
            expect((error as Error).message.length).toBeLessThan(700);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('a damaged file of safetensors', () => {
  const whole = writeSafetensors([
    { name: 'a', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: 'b', shape: [], values: Int32Array.of(7) },
  ]);

  it('is refused when it is cut off, at any byte', () => {
    for (let length = 0; length < whole.length; length++)
      expect(refusal(whole.subarray(0, length)), `${length}`).toMatch(/^The /);
  });

  it('gives tensors or a sentence, whatever its header is', () => {
    const header = fc.json().map(json => {
      const text = new TextEncoder().encode(json.startsWith('{') ? json : `{"a":${json}}`);
      const file = new Uint8Array(8 + text.length + 16);
      new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
      file.set(text, 8);
      return file;
    });
    const changed = fc
      .tuple(fc.nat(whole.length - 1), fc.nat(255))
      .map(([at, value]) => whole.with(at, value));
    fc.assert(
      fc.property(fc.oneof(header, changed), bytes => {
        try {
          contents(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WeightsError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a hostile pickle', () => {
  it('cannot go deep: lists within lists', () => {
    const deep = Array.from({ length: 500_000 }, () => [0x5d]).flat();
    const nested = [...PROTOCOL_2, ...deep, ...deep.map(() => 0x61).slice(1), 0x2e];
    expect(refusal(around(nested))).toMatch(/no weights by name/);
    const dicts = Array.from({ length: 100_000 }, () => [0x7d, ...string('a')]).flat();
    const closed = Array.from({ length: 100_000 }, () => 0x73);
    expect(refusal(around([...PROTOCOL_2, ...dicts, 0x4e, ...closed, 0x2e]))).toMatch(/no weights by name/);
  });

  it('cannot grow by what it remembers: a dict of a dict of the same dicts', () => {
    const levels = Array.from({ length: 60 }, (_, i) => [
      ...[0x7d, 0x71, i + 1],
      ...['a', 'b', 'c'].flatMap(key => [...string(key), 0x68, i, 0x73]),
    ]).flat();
    expect(refusal(around([...PROTOCOL_2, 0x7d, 0x71, 0, ...levels, 0x2e]))).toMatch(/no weights by name/);
  });

  it('may hold itself', () => {
    const self = [...PROTOCOL_2, 0x7d, 0x71, 0, ...string('state_dict'), 0x68, 0, 0x73, 0x2e];
    expect(refusal(around(self))).toMatch(/no weights by name/);
  });

  it('gets nothing allocated by a count', () => {
    for (const opcode of [0x58, 0x54, 0x42])
      expect(refusal(around([...PROTOCOL_2, opcode, 255, 255, 255, 255, 1, 2, 0x2e]))).toMatch(/cut off/);
    const huge = [...PROTOCOL_2, 0x8d, 255, 255, 255, 255, 255, 255, 255, 127, 0x2e];
    expect(refusal(around(huge))).toMatch(/cut off/);
    expect(refusal(around([...PROTOCOL_2, 0x8b, 255, 255, 255, 127, 1, 0x2e]))).toMatch(/damaged/);
  });

  it('ends after so many steps', () => {
    const many = new Uint8Array(3_000_000).fill(0x4e);
    expect(refusal(zipOf({ 'x/data.pkl': many }))).toMatch(/more than 2,000,000 steps/);
    expect(refusal(zipOf({ 'x/data.pkl': new Uint8Array(17 * 2 ** 20) }))).toMatch(
      /at most 16777216 are read/,
    );
  });

  it('names what it asks for, however it asks', () => {
    const global = ascii('cos\nsystem\n');
    expect(refusal(around([...PROTOCOL_2, ...global, 0x2e]))).toContain('os.system');
    expect(refusal(around([...PROTOCOL_2, ...string('os'), ...string('system'), 0x93, 0x2e]))).toContain(
      'os.system',
    );
    expect(refusal(around([...PROTOCOL_2, 0x28, ...ascii('ios\nsystem\n'), 0x2e]))).toContain('os.system');
    expect(
      refusal(around([...PROTOCOL_2, ...ascii('ctorch._utils\n_rebuild_tensor_v2\n'), 0x52, 0x2e])),
    ).toMatch(/damaged/);
    // What a class of ours is given by name is a name: those that every JavaScript object knows, too.
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(refusal(around([...PROTOCOL_2, ...ascii(`ctorch\n${name}\n`), 0x2e]))).toContain(
        `torch.${name}`,
      );
  });
});

describe('a tensor that is not there', () => {
  const holding = (described: readonly number[]) => [
    ...PROTOCOL_2,
    0x7d,
    ...string('a'),
    ...described,
    0x73,
    0x2e,
  ];
  const four = { 'x/data/0': new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer) };

  it('is one that reaches beyond its storage, or beyond what the file has', () => {
    expect(
      contents(around(holding(pickledTensor({ count: 4, offset: 0, shape: [2, 2], strides: [2, 1] })), four))
        .a!.values,
    ).toEqual([1, 2, 3, 4]);
    for (const [offset, shape, strides] of [
      [1, [2, 2], [2, 1]],
      [0, [2, 2], [3, 1]],
      [0, [2_000_000_000], [1]],
      [0, [2_000_000_000, 2_000_000_000, 2_000_000_000], [0, 0, 0]],
      [-1, [2], [1]],
      [2, [2], [-1]],
      [0, [2, 2], [1]],
    ] as const) {
      const file = around(holding(pickledTensor({ count: 4, offset, shape, strides })), four);
      expect(refusal(file), JSON.stringify([offset, shape, strides])).toMatch(/damaged/);
    }
    expect(
      refusal(
        around(
          holding(pickledTensor({ count: 2_000_000_000, offset: 0, shape: [2_000_000_000], strides: [1] })),
          four,
        ),
      ),
    ).toMatch(/cut off/);
    expect(
      refusal(around(holding(pickledTensor({ count: 4, offset: 0, shape: [4], strides: [1] })))),
    ).toMatch(/cut off/);
  });

  it('is packed: what is compressed is not unpacked, however small it is', () => {
    const bomb = zipOf(
      {
        'x/data.pkl': Uint8Array.from(
          holding(pickledTensor({ count: 2 ** 28, offset: 0, shape: [2 ** 28], strides: [1] })),
        ),
      },
      {
        'x/data/0': { packed: deflateRawSync(new Uint8Array(2 ** 20)), size: 2 ** 30 },
      },
    );
    expect(refusal(bomb)).toMatch(/is compressed, as torch.save leaves none/);
  });
});
