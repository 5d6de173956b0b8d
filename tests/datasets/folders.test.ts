/** Importing folders of images as people have them: mixed, broken, linked, oddly named. */
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { openWorkshop, picture, put, putClasses } from './workshop.ts';

test('every file that cannot be used is named with its true reason, and the rest is imported', async () => {
  const { desk, importFolder, datasets, events } = await openWorkshop();
  await putClasses(desk, { cat: 20, dog: 20 });
  const jpeg = await picture({ width: 64, height: 64, format: 'jpeg' });
  const png = await picture({ width: 64, height: 64 });
  const webp = await picture({ width: 64, height: 64, format: 'webp' });
  await put(desk, {
    'cat/cut.jpg': jpeg.subarray(0, jpeg.length / 2),
    'cat/cut.png': png.subarray(0, png.length / 2),
    'cat/cut.webp': webp.subarray(0, webp.length / 2),
    'dog/text.png': 'I am a text that calls itself an image.\n',
    'dog/empty.png': '',
    'dog/bomb.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>',
    'dog/really a jpeg.png': await picture({ format: 'jpeg', seed: 77 }),
    'notes.txt': 'what these are',
    '.DS_Store': 'noise',
  });
  await mkdir(join(desk, 'bird'));
  const detail = await importFolder(desk, 'pets');
  const reasons = Object.fromEntries(detail.rejects.map(({ path, reason }) => [path, reason]));
  expect(reasons).toEqual({
    'cat/cut.jpg': 'The JPEG is truncated: the file ends before the image does.',
    'cat/cut.png': 'The PNG is truncated: the file ends before the image does.',
    'cat/cut.webp': 'The WebP is truncated: the file ends before the image does.',
    'dog/text.png': 'It is not an image, whatever its name says.',
    'dog/empty.png': 'The file is empty.',
    'dog/bomb.svg': 'It has more than 134 million pixels.',
    'notes.txt': 'It lies outside the class folders.',
    bird: 'The folder is empty.',
  });
  expect(detail).toMatchObject({
    classes: ['cat', 'dog'],
    count: 41,
    rejectCount: 8,
    imageShape: [3, 12, 12],
  });
  expect(datasets.list()).toMatchObject([{ name: 'pets', state: 'ready', source: desk, format: 'folders' }]);
  expect(events.filter(({ type }) => type === 'job').at(-1)).toMatchObject({
    job: { state: 'done', done: 47, total: 47, dataset: detail.id, error: null },
  });
});

test('the cache holds the very pixels, and an image is shown as it is there', async () => {
  const { desk, importFolder, datasets, imagesOf } = await openWorkshop();
  await putClasses(desk, { a: 3, b: 3 });
  const { id } = await importFolder(desk, 'pixels');
  const { path } = imagesOf(id)[4]!;
  const original = await sharp(await readFile(join(desk, path)))
    .raw()
    .toBuffer();
  const shown = await sharp(await datasets.image(id, 4))
    .raw()
    .toBuffer();
  expect(shown.equals(original)).toBe(true);
  const cache = await readFile(datasets.trainingData('pixels').imagesPath);
  expect(cache.subarray(4 * original.length, 5 * original.length).equals(original)).toBe(true);
  await expect(datasets.image(id, 6)).rejects.toThrow(/no image 6/);
});

test('statistics are those of the training images', async () => {
  const { desk, importFolder, datasets } = await openWorkshop();
  const flat = (value: number) =>
    sharp({ create: { width: 4, height: 4, channels: 3, background: { r: value, g: 51, b: 255 } } })
      .png()
      .toBuffer();
  await put(desk, {
    'train/a/1.png': await flat(0),
    'train/b/1.png': await flat(102),
    'val/a/1.png': await flat(255),
    'test/b/1.png': await flat(255),
  });
  const { mean, std } = await importFolder(desk, 'flat');
  expect(mean.map(value => value.toFixed(6))).toEqual(['0.200000', '0.200000', '1.000000']);
  expect(std.map(value => value.toFixed(6))).toEqual(['0.200000', '0.000000', '0.000000']);
  // Training divides by it.
  expect(Math.min(...datasets.trainingData('flat').std)).toBeGreaterThan(0);
});

test('differing images are brought to the most common size, whole; grey stays grey where all are', async () => {
  const { desk, importFolder, datasets, imagesOf } = await openWorkshop();
  await putClasses(desk, { a: 4, b: 4 }, { width: 20, height: 10, grey: true });
  const white = sharp({ create: { width: 30, height: 30, channels: 3, background: '#fff' } });
  await put(desk, { 'a/square.png': await white.toColourspace('b-w').png().toBuffer() });
  const { id, imageShape, preparation } = await importFolder(desk, 'grey');
  expect(imageShape).toEqual([1, 10, 20]);
  expect(preparation).toMatch(/^grey, 10×20, the most common size; others fitted whole/);
  const square = imagesOf(id).find(({ path }) => path === 'a/square.png')!;
  const pixels = await sharp(await datasets.image(id, square.index))
    .extractChannel(0)
    .raw()
    .toBuffer();
  expect([...pixels.subarray(0, 20)]).toEqual([
    ...Array(5).fill(0),
    ...Array(10).fill(255),
    ...Array(5).fill(0),
  ]);
});

test('large photographs become 224×224; one in colour makes all RGB', async () => {
  const { desk, importFolder } = await openWorkshop();
  await putClasses(desk, { a: 2, b: 1 }, { width: 400, height: 300, grey: true });
  await put(desk, { 'b/colour.png': await picture({ width: 400, height: 300 }) });
  expect(await importFolder(desk, 'photos')).toMatchObject({ imageShape: [3, 224, 224], count: 4 });
});

test('images stand upright, whichever way the camera was held', async () => {
  const { desk, importFolder, datasets, imagesOf } = await openWorkshop();
  // White at the top left, grey at the top right, in all eight ways that EXIF knows to store it.
  const upright = Buffer.alloc(16 * 16, 0);
  for (let at = 0; at < 128; at++) upright[at] = at % 16 < 8 ? 255 : 128;
  const stored: ((image: Sharp) => Sharp)[] = [
    image => image,
    image => image.flop(),
    image => image.rotate(180),
    image => image.flip(),
    image => image.flop().rotate(270),
    image => image.rotate(270),
    image => image.flop().rotate(90),
    image => image.rotate(90),
  ];
  for (const [index, turn] of stored.entries()) {
    const turned = await turn(sharp(upright, { raw: { width: 16, height: 16, channels: 1 } }))
      .png()
      .toBuffer();
    const file = await sharp(turned)
      .jpeg({ quality: 100 })
      .withMetadata({ orientation: index + 1 })
      .toBuffer();
    await put(desk, { [`${index % 2 ? 'odd' : 'even'}/${index + 1}.jpg`]: file });
  }
  const { id } = await importFolder(desk, 'held');
  for (const { index, path } of imagesOf(id)) {
    const pixels = await sharp(await datasets.image(id, index))
      .extractChannel(0)
      .raw()
      .toBuffer();
    const corners = [pixels[0]!, pixels[15]!, pixels[240]!, pixels[255]!].map(value =>
      Math.round(value / 127),
    );
    expect(corners, path).toEqual([2, 1, 0, 0]);
  }
});

test('what sharp reads is read: CMYK, 16 bits, palettes, transparency, animations, drawings', async () => {
  const { desk, importFolder } = await openWorkshop();
  const base = sharp(await picture({ width: 16, height: 16 }));
  await put(desk, {
    'a/cmyk.jpg': await base.clone().toColourspace('cmyk').jpeg().toBuffer(),
    'a/deep.png': await base.clone().toColourspace('rgb16').png().toBuffer(),
    'a/palette.png': await base.clone().png({ palette: true }).toBuffer(),
    'a/clear.png': await base.clone().ensureAlpha(0.5).png().toBuffer(),
    'b/moving.gif': await base.clone().gif().toBuffer(),
    'b/drawn.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><circle r="9"/></svg>',
    'b/page.tiff': await base.clone().tiff().toBuffer(),
  });
  expect(await importFolder(desk, 'all kinds')).toMatchObject({ count: 7, rejects: [] });
});

test('links end, and names are the same however they are written', async () => {
  const { desk, importFolder, imagesOf } = await openWorkshop();
  const [nfc, nfd] = ['café', 'café'].map((name, at) => name.normalize(at ? 'NFD' : 'NFC')) as [
    string,
    string,
  ];
  await putClasses(desk, { [nfc]: 2, [`${nfd}/inner 🐈`]: 2, tea: 2 });
  await symlink(desk, join(desk, 'tea', 'loop'));
  await symlink(join(desk, 'nowhere'), join(desk, 'tea', 'lost.png'));
  const { id, classes, rejects } = await importFolder(desk, 'drinks');
  expect(classes).toEqual([nfc, 'tea']);
  expect(imagesOf(id).map(({ path }) => path)).toContain(`${nfd}/inner 🐈/001.png`);
  const reasons = rejects.map(({ path, reason }) => `${path}: ${reason}`);
  expect(reasons).toContain('tea/lost.png: It is a link that leads nowhere.');
  expect(reasons.some(reason => reason.endsWith('The folder was read already at another place.'))).toBe(true);
});

test('a folder whose files are all unusable is no class', async () => {
  const { desk, importFolder, imagesOf } = await openWorkshop();
  await putClasses(desk, { b: 2, c: 2 });
  await put(desk, { 'a/notes.xml': '<notes>none</notes>' });
  const { id, classes, rejects, classCounts } = await importFolder(desk, 'late');
  expect(classes).toEqual(['b', 'c']);
  expect(rejects.map(({ path }) => path)).toEqual(['a/notes.xml']);
  expect(imagesOf(id).map(({ label }) => label)).toEqual([0, 0, 1, 1]);
  expect(Object.values(classCounts).every(counts => counts.length === 2)).toBe(true);
});

test('what cannot be a dataset is refused in one sentence, and nothing is written', async () => {
  const { desk, datasets, importFolder, caches } = await openWorkshop();
  await putClasses(join(desk, 'one'), { cat: 3 });
  await put(join(desk, 'texts'), { 'a/1.png': 'x', 'b/1.png': 'y' });
  await put(join(desk, 'half'), { 'a/1.png': await picture(), 'b/1.png': 'y' });
  await put(desk, { 'file.png': 'x' });
  await mkdir(join(desk, 'hollow/a'), { recursive: true });
  await mkdir(join(desk, 'nothing'));
  for (const [path, fault] of [
    ['none', /does not exist/],
    ['file.png', /is a file/],
    ['nothing', /holds no dataset/],
    ['hollow', /holds no images/],
    ['texts', /None of the files .* is an image/],
    ['one', /one class, “cat”/],
    ['half', /one class, “a”/],
    ['a\0b', /NUL/],
  ] as const) {
    const attempt = importFolder(join(desk, path), 'pets');
    await expect(attempt, path).rejects.toThrow(fault);
    await expect(attempt, path).rejects.toMatchObject({ name: 'UserError' });
  }
  expect(datasets.list()).toEqual([]);
  expect(await caches()).toEqual([]);
});

test('a name is given once', async () => {
  const { desk, importFolder, datasets } = await openWorkshop();
  await putClasses(desk, { a: 2, b: 2 });
  const both = await Promise.allSettled([importFolder(desk, 'pets'), importFolder(desk, 'pets')]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(importFolder(desk, 'pets')).rejects.toThrow(/already a dataset named “pets”/);
  await expect(importFolder(desk, ' ')).rejects.toThrow(/needs a name/);
  expect(datasets.list()).toHaveLength(1);
});
