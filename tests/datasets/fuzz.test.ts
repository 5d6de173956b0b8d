/**
 * Hundreds of damaged files of each kind: whatever is in them, an import ends, stays within its memory, and names each
 * file that it refuses once. The damage is drawn by seeds, so that a failure comes again.
 */
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { DEFAULT_PREPARATION } from '../../src/main/studio/datasets/formats/datasetFormat.ts';
import { formatNamed } from '../../src/main/studio/datasets/formats/registry.ts';
import { MOST_SENTENCE } from '../../src/main/studio/datasets/limits.ts';
import { UserError } from '../../src/main/userError.ts';
import { temporaryFolder } from '../database/temporary.ts';
import { importBeside } from './bounded.ts';
import { draw, toCoco } from './drawn.ts';
import { idxFiles, picture, put, putClasses } from './workshop.ts';

const COUNT = 300;
/** MiB of the importing process and of all together: docs/architecture.md. */
const STUDIO = 716;
const TOGETHER = STUDIO + 1280 + 256 * Math.min(16, availableParallelism() + 1);

type Random = (below: number) => number;

/** Numbers that follow from a seed alone (mulberry32, Tommy Ettinger). */
function randomOf(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 0;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below) | 0;
  };
}

/** Numbers that headers are most surprised by. */
const EXTREME = [0, 1, 0x7f, 0x80, 0xff];

type Damage = (bytes: Buffer, random: Random) => Buffer;

const DAMAGES: readonly Damage[] = [
  (bytes, random) => bytes.subarray(0, random(bytes.length)),
  // Headers most of all.
  (bytes, random) => {
    const changed = Buffer.from(bytes);
    for (let count = 1 + random(4); count > 0; count--)
      changed[random(Math.min(changed.length, 64))] = EXTREME[random(EXTREME.length)]!;
    return changed;
  },
  (bytes, random) => {
    const changed = Buffer.from(bytes);
    for (let count = 1 + random(12); count > 0; count--) changed[random(changed.length)] = random(256);
    return changed;
  },
  (bytes, random) => {
    const [at, length] = [random(bytes.length), 1 + random(40)];
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  },
  (bytes, random) => {
    const [at, from] = [random(bytes.length), random(bytes.length)];
    const again = bytes.subarray(from, from + 1 + random(200));
    return Buffer.concat([bytes.subarray(0, at), again, again, bytes.subarray(at)]);
  },
  (bytes, random) => {
    const changed = Buffer.from(bytes);
    const at = random(Math.max(1, changed.length - 4));
    if (changed.length >= 4) changed.writeInt32BE([-1, 0x7fffffff, 0x00010000, 0x0000ffff][random(4)]!, at);
    return changed;
  },
];

function damaged(bytes: Buffer, seed: number): Buffer {
  const random = randomOf(seed);
  return DAMAGES[random(DAMAGES.length)]!(bytes, random);
}

const base = (width = 40, height = 28) => picture({ width, height, seed: 3 }).then(bytes => sharp(bytes));
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="28" viewBox="0 0 40 28"><defs><filter id="f"><feGaussianBlur stdDeviation="2"/></filter><pattern id="p" width="9" height="9"><path d="M0 0l9 9"/></pattern></defs><g filter="url(#f)"><rect width="30" height="20" fill="url(#p)"/><text x="3" y="20">Text</text></g><use href="#p"/></svg>`;

test.each<[string, () => Promise<Buffer>]>([
  ['png', () => picture({ width: 24, height: 24 })],
  ['interlaced png', async () => (await base()).png({ progressive: true }).toBuffer()],
  ['palette png', async () => (await base()).png({ palette: true, colours: 9 }).toBuffer()],
  ['16-bit png', async () => (await base()).ensureAlpha(0.5).toColourspace('rgb16').png().toBuffer()],
  ['jpeg', async () => (await base(200, 160)).jpeg().toBuffer()],
  ['progressive jpeg', async () => (await base(200, 160)).jpeg({ progressive: true }).toBuffer()],
  ['webp', async () => (await base()).webp().toBuffer()],
  ['gif', async () => (await base()).gif().toBuffer()],
  ['tiff', async () => (await base()).tiff({ compression: 'deflate' }).toBuffer()],
  ['avif', async () => (await base()).avif({ effort: 0 }).toBuffer()],
  ['svg', async () => Buffer.from(svg)],
])(
  '%s',
  async (kind, make) => {
    const desk = await putClasses(temporaryFolder(), { a: 2, b: 2 }, { width: 24, height: 24 });
    const whole = await make();
    const names = Array.from({ length: COUNT }, (_, seed) => `a/${kind} ${seed}`);
    for (const [seed, name] of names.entries()) await put(desk, { [name]: damaged(whole, seed) });
    const { count, rejects, mebibytes, together } = await importBeside(desk);
    const refused = rejects!.map(({ path }) => path);
    expect(new Set(refused).size).toBe(refused.length);
    expect(refused.filter(path => !names.includes(path))).toEqual([]);
    expect(count! + refused.length).toBe(4 + COUNT);
    expect(rejects!.filter(({ reason }) => !/^[A-Z][^\n]*\.$/.test(reason) || reason.length > 300)).toEqual(
      [],
    );
    expect(mebibytes).toBeLessThan(STUDIO);
    expect(together).toBeLessThan(TOGETHER);
  },
  600_000,
);

/** The files of a small dataset of each format; the first is damaged. */
const LISTED = {
  csv: async () => {
    const drawn = await draw(12);
    const rows = drawn.map(
      ({ className, box }, at) => `${at}.png,"${className}",${at % 3 ? 'train' : 'val'},${box.join(',')}`,
    );
    return { 'labels.csv': Buffer.from(`file,label,split,x,y,width,height\n${rows.join('\n')}\n`) };
  },
  coco: async () => ({ 'annotations.json': Buffer.from(JSON.stringify(toCoco(await draw(12)))) }),
  idx: async () => idxFiles('train-', 40),
  cifar: async () => ({ 'data_batch_1.bin': Buffer.alloc(3073 * 4, 5) }),
} as const;

test.each(['csv', 'coco', 'idx', 'packed idx', 'cifar'] as const)(
  'files of %s',
  async kind => {
    const format = formatNamed(kind === 'packed idx' ? 'idx' : kind);
    const files = await LISTED[kind === 'packed idx' ? 'idx' : kind]();
    const [name, content] = Object.entries(files)[0] as [string, Buffer];
    const { [name]: _, ...others } = files as Record<string, Buffer>;
    const png = await picture({ width: 24, height: 24 });
    const signal = new AbortController().signal;
    const options = { signal, admits: () => true, preparation: DEFAULT_PREPARATION };
    const images = Object.fromEntries(toCoco(await draw(12)).images.map(({ file_name }) => [file_name, png]));
    const ended = { read: 0, refused: 0 };
    const largest = process.memoryUsage.rss();
    for (let seed = 0; seed < COUNT; seed++) {
      const desk = temporaryFolder();
      await put(desk, others);
      if (kind === 'csv') await put(desk, { '0.png': png, '1.png': png });
      if (kind === 'coco') await put(desk, images);
      const bytes =
        kind !== 'packed idx'
          ? damaged(content, seed)
          : seed % 2
            ? damaged(gzipSync(content), seed)
            : gzipSync(damaged(content, seed));
      await put(desk, { [kind === 'packed idx' ? `${name}.gz` : name]: bytes });
      try {
        await format.recognise(desk, () => true);
        const source = await format.open(desk, options);
        const paths = source.rejects.map(({ path }) => path);
        expect(paths.every(path => path.length < MOST_SENTENCE)).toBe(true);
        let results = 0;
        for await (const some of source.pictures(signal)) results += some.length;
        expect(results).toBe(source.entries.length);
        ended.read++;
      } catch (error) {
        expect(error, `seed ${seed}`).toBeInstanceOf(UserError);
        expect((error as Error).message).toMatch(/^[^\n]{1,600}\.$/);
        ended.refused++;
      }
      await rm(desk, { recursive: true });
    }
    console.log(`${kind}: ${ended.read} read, ${ended.refused} refused in a sentence.`);
    expect(ended.read + ended.refused).toBe(COUNT);
    expect((process.memoryUsage.rss() - largest) / 2 ** 20).toBeLessThan(STUDIO);
  },
  600_000,
);

test('masks', async () => {
  const desk = temporaryFolder();
  const drawn = await draw(2);
  const size = { width: 32, height: 32, channels: 1 } as const;
  const mask = await sharp(drawn[0]!.mask, { raw: size }).toColourspace('b-w').png().toBuffer();
  const image = await picture({ width: 32, height: 32 });
  await mkdir(join(desk, 'images'));
  for (let seed = 0; seed < COUNT; seed++)
    await put(desk, { [`images/${seed}.png`]: image, [`masks/${seed}.png`]: damaged(mask, seed) });
  await put(desk, { 'images/good.png': image, 'masks/good.png': mask });
  const { count, rejects, together } = await importBeside(desk);
  const refused = rejects!.map(({ path }) => path);
  expect(new Set(refused).size).toBe(refused.length);
  expect(count! + refused.length).toBe(COUNT + 1);
  expect(together).toBeLessThan(TOGETHER);
}, 600_000);
