/** Near copies: those that comparing every image with every other finds, and not what is only of the same kind. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { HASH_BYTES, LOOK_BYTES, measure } from '../../src/main/studio/datasets/decode/measureImage.ts';
import { findDuplicates as findTwinsUnless } from '../../src/main/studio/datasets/versions/duplicateImages.ts';

const SIDE = 28;
const PIXELS = SIDE * SIDE;

function seen(index: number, pixels: Uint8Array) {
  const { hash, look, moments } = measure(pixels, [1, SIDE, SIDE]);
  return { index, hash: Buffer.from(hash), maskHash: null, look: look && Buffer.from(look), moments };
}

/** Images of soft blobs, few enough of them that many are alike, and each third a copy of the one before. */
function blobs(count: number): Uint8Array[] {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const all: Uint8Array[] = [];
  while (all.length < count) {
    const [x, y, size] = [10 + 8 * random(), 10 + 8 * random(), 5 + random()];
    const draw = (noise: number) =>
      Uint8Array.from({ length: PIXELS }, (_, at) => {
        const away = Math.hypot((at % SIDE) - x, Math.floor(at / SIDE) - y);
        return 20 + 200 * Math.exp(-((away / size) ** 2)) + noise * (random() - 0.5);
      });
    all.push(draw(0));
    if (all.length % 3 === 0) all.push(draw(20));
  }
  return all;
}

const findTwins = (images: Parameters<typeof findTwinsUnless>[0], pixels: number) =>
  findTwinsUnless(images, pixels, new AbortController().signal);

test('the grid misses no pair that comparing all with all finds', async () => {
  const images = blobs(900).map((pixels, index) => seen(index, pixels));
  const { near } = await findTwins(images, PIXELS);
  const wanted = new Set<number>();
  for (const a of images) {
    for (const b of images) if (a.index < b.index && areCopies(a, b)) wanted.add(a.index).add(b.index);
  }
  expect(wanted.size).toBeGreaterThan(300);
  expect(wanted.size).toBeLessThan(900);
  expect([...near].sort((a, b) => a - b)).toEqual([...wanted].sort((a, b) => a - b));
});

function areCopies(a: ReturnType<typeof seen>, b: ReturnType<typeof seen>): boolean {
  const [one, two] = [a.look!, b.look!];
  let squares = 0;
  for (let at = HASH_BYTES; at < LOOK_BYTES; at++) squares += (one[at]! - two[at]!) ** 2;
  const bits = [...one.subarray(0, HASH_BYTES)]
    .map((byte, at) => (byte ^ two[at]!).toString(2).replaceAll('0', '').length)
    .reduce((sum, each) => sum + each, 0);
  const mean = (each: typeof a) => each.moments[0]! / PIXELS;
  const deviation = (each: typeof a) => Math.sqrt(each.moments[1]! / PIXELS - mean(each) ** 2);
  return (
    Math.sqrt(squares / 64) <= 3.5 &&
    bits <= 4 &&
    Math.abs(mean(a) - mean(b)) <= 3 &&
    Math.abs(deviation(a) - deviation(b)) <= 8
  );
}

const FASHION = '/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz';

test.skipIf(!existsSync(FASHION))('shirts are no copies of one another, but their JPEGs are', async () => {
  const bytes = gunzipSync(readFileSync(FASHION)).subarray(16);
  const originals = Array.from({ length: 5000 }, (_, at) => bytes.subarray(at * PIXELS, (at + 1) * PIXELS));
  const alone = await findTwins(
    originals.map((pixels, index) => seen(index, pixels)),
    PIXELS,
  );
  expect(alone.near.size).toBeLessThan(10);
  const raw = { width: SIDE, height: SIDE, channels: 1 } as const;
  const jpegs = await Promise.all(
    originals.slice(0, 200).map(async pixels =>
      sharp(await sharp(pixels, { raw }).jpeg({ quality: 80 }).toBuffer())
        .toColourspace('b-w')
        .raw()
        .toBuffer(),
    ),
  );
  const { group } = await findTwins(
    [...originals, ...jpegs].map((pixels, index) => seen(index, pixels)),
    PIXELS,
  );
  const found = jpegs.keys().filter(at => group.has(at) && group.get(at) === group.get(5000 + at));
  expect([...found].length).toBeGreaterThan(190);
});
