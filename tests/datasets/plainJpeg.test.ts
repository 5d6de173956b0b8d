/** Photographs that are read smaller without sharp: as sharp reads them, and nothing that sharp would refuse. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type JpegOptions, type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { decodePlainJpeg } from '../../src/main/studio/datasets/decode/plainJpeg.ts';
import { openWorkshop, put } from './workshop.ts';

type Size = readonly [width: number, height: number];

/** A picture of soft spots of every colour, of no two seeds the same. */
function spots([width, height]: Size, channels: 1 | 3 = 3, seed = width + height): Sharp {
  const side = 24;
  const bytes = createHash('shake256', { outputLength: side * side * channels })
    .update(`${seed}`)
    .digest();
  const image = sharp(bytes, { raw: { width: side, height: side, channels } });
  const resized = image.resize(width, height, { fit: 'fill' });
  return channels === 1 ? resized.toColourspace('b-w') : resized;
}

const jpeg = (size: Size, options: JpegOptions = {}, channels: 1 | 3 = 3) =>
  spots(size, channels).jpeg(options).toBuffer();

/** sharp itself writes an orientation only beside a colour profile. */
async function withOrientation(image: Sharp, orientation: number): Promise<Buffer> {
  const file = await image
    .withExif({ IFD0: { Orientation: '1' } })
    .jpeg()
    .toBuffer();
  const entry = file.indexOf(Buffer.from('120103000100000001000000', 'hex'));
  file[entry + 8] = orientation;
  return file;
}

type Fit = 'fill' | 'contain' | 'cover';

const asSharpReads = (file: Buffer, [width, height]: Size, fit: Fit, channels: 1 | 3) =>
  sharp(file, { failOn: 'error', autoOrient: true })
    .resize(width, height, { fit, background: '#000' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();

function plain(file: Uint8Array, [width, height]: Size, fit: Fit = 'fill', channels: 1 | 3 = 3) {
  return decodePlainJpeg(file, [channels, height, width], fit)?.pixels;
}

/** How many steps of 255 apart: at most, and on the average. */
function apart(a: Uint8Array, b: Uint8Array): { most: number; mean: number } {
  expect(a.length).toBe(b.length);
  let [most, sum] = [0, 0];
  for (const [at, value] of a.entries()) {
    const step = Math.abs(value - b[at]!);
    most = Math.max(most, step);
    sum += step;
  }
  return { most, mean: sum / a.length };
}

/** What rounding at other places makes of it. */
const ROUNDED = { most: 4, mean: 0.6 };

async function expectAsSharpReads(file: Buffer, size: Size, fit: Fit = 'fill', channels: 1 | 3 = 3) {
  const pixels = plain(file, size, fit, channels);
  if (!pixels) expect.fail('It is not plain.');
  const { most, mean } = apart(pixels, await asSharpReads(file, size, fit, channels));
  expect(most).toBeLessThanOrEqual(ROUNDED.most);
  expect(mean).toBeLessThan(ROUNDED.mean);
}

const SIZES: readonly [Size, Size][] = [
  [
    [400, 300],
    [100, 75],
  ],
  [
    [803, 601],
    [64, 48],
  ],
  [
    [1000, 1500],
    [224, 224],
  ],
  [
    [1600, 1200],
    [33, 97],
  ],
  [
    [2049, 1537],
    [64, 48],
  ],
  [
    [2500, 1700],
    [48, 64],
  ],
];

for (const [from, to] of SIZES)
  for (const fit of ['fill', 'contain', 'cover'] as const)
    test(`${from.join('×')} to ${to.join('×')}, ${fit}: as sharp reads it`, async () => {
      for (const chromaSubsampling of ['4:2:0', '4:4:4'])
        for (const quality of [40, 92])
          await expectAsSharpReads(await jpeg(from, { chromaSubsampling, quality }), to, fit);
    });

test('grey is grey, or three times the same', async () => {
  const file = await jpeg([1000, 700], {}, 1);
  await expectAsSharpReads(file, [100, 100], 'contain', 1);
  await expectAsSharpReads(file, [100, 100], 'cover', 3);
});

test('colours at the ends of what there is stay there', async () => {
  const stripes = Array.from({ length: 8 }, (_, at) => {
    const fill = `rgb(${at & 1 ? 255 : 0},${at & 2 ? 255 : 0},${at & 4 ? 255 : 0})`;
    return `<rect x="${at * 60}" width="60" height="320" fill="${fill}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="320">${stripes.join('')}</svg>`;
  await expectAsSharpReads(await sharp(Buffer.from(svg)).jpeg().toBuffer(), [60, 40]);
});

test('a file with restart markers (libjpeg-turbo: cjpeg -restart 3B)', async () => {
  await expectAsSharpReads(readFileSync(join(import.meta.dirname, 'restarts.jpg')), [64, 64]);
});

test('what is not plain, or not much larger, is left to sharp', async () => {
  const size: Size = [400, 300];
  const to: Size = [64, 48];
  expect(plain(await withOrientation(spots(size), 1), to)).toBeDefined();
  expect(plain(await withOrientation(spots(size), 6), to)).toBeUndefined();
  expect(plain(await jpeg(size, { progressive: true }), to)).toBeUndefined();
  expect(plain(await spots(size).withIccProfile('p3').jpeg().toBuffer(), to)).toBeUndefined();
  expect(plain(await spots(size).toColourspace('cmyk').jpeg().toBuffer(), to)).toBeUndefined();
  expect(plain(await jpeg(size), to, 'fill', 1)).toBeUndefined();
  expect(plain(await jpeg(size), [200, 150])).toBeUndefined();
  expect(plain(await jpeg(size), [800, 600])).toBeUndefined();
  expect(plain(await spots(size).png().toBuffer(), to)).toBeUndefined();
  expect(plain(new Uint8Array(), to)).toBeUndefined();
});

test('of a file that ends too early nothing is used', async () => {
  const file = await jpeg([400, 300], { quality: 60 });
  for (let length = 0; length < file.length; length += 97)
    expect(plain(file.subarray(0, length), [64, 48]), `${length} bytes`).toBeUndefined();
  expect(plain(file.subarray(0, -1), [64, 48])).toBeUndefined();
});

test('a damaged file is not used, or is what sharp makes of it', async () => {
  const whole = await jpeg([400, 300], { quality: 60 });
  const random = createHash('shake256', { outputLength: 1200 }).update('damage').digest();
  let used = 0;
  for (let at = 0; at < random.length; at += 6) {
    const file = Buffer.from(whole);
    file[random.readUInt32BE(at) % file.length]! ^= random[at + 4]! || 1;
    const pixels = plain(file, [64, 48]);
    if (!pixels) continue;
    used++;
    const { mean } = apart(pixels, await asSharpReads(file, [64, 48], 'fill', 3));
    expect(mean).toBeLessThan(1);
  }
  expect(used).toBeGreaterThan(20);
});

test('a folder of photographs, one turned and one cut short', async () => {
  const { desk, datasets, importFolder, imagesOf } = await openWorkshop();
  const size: Size = [1200, 900];
  const photograph = (seed: number) => spots(size, 3, seed);
  const cut = await photograph(9).jpeg().toBuffer();
  await put(desk, {
    'a/upright.jpg': await photograph(1).jpeg().toBuffer(),
    'a/turned.jpg': await withOrientation(sharp(await photograph(1).png().toBuffer()).rotate(270), 6),
    'b/other.jpg': await photograph(2).jpeg().toBuffer(),
    'b/cut.jpg': cut.subarray(0, cut.length - 200),
  });
  const { id, rejects, imageShape } = await importFolder(desk, 'photographs');
  expect(imageShape).toEqual([3, 224, 224]);
  expect(rejects).toEqual([
    { path: 'b/cut.jpg', reason: 'The JPEG is truncated: the file ends before the image does.' },
  ]);
  const found = imagesOf(id);
  expect(found.every(({ width, height }) => width === 1200 && height === 900)).toBe(true);
  const pixelsOf = async (name: string) => {
    const { index } = found.find(({ path }) => path === name)!;
    return sharp(await datasets.image(id, index))
      .raw()
      .toBuffer();
  };
  // Chroma of the turned one was halved along other pixels.
  const { mean } = apart(await pixelsOf('a/upright.jpg'), await pixelsOf('a/turned.jpg'));
  expect(mean).toBeLessThan(1);
});
