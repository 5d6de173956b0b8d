/** Importing IDX files, plain and gzipped, whole and broken. */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gzipped, idxFiles, openWorkshop, put } from './workshop.ts';

test('plain and gzipped files give the same dataset; t10k tests, a tenth of train validates', async () => {
  const workshop = await openWorkshop();
  const files = { ...idxFiles('train-', 400), ...idxFiles('t10k-', 50, 2) };
  const plain = await workshop.importFolder(await put(`${workshop.desk}/plain`, files), 'plain');
  const packed = await workshop.importFolder(await put(`${workshop.desk}/gz`, gzipped(files)), 'packed');
  expect(plain).toMatchObject({
    format: 'idx',
    imageShape: [1, 4, 3],
    count: 450,
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    classCounts: { test: Array(10).fill(5) },
  });
  const [a, b] = ['plain', 'packed'].map(name => workshop.datasets.trainingData(name));
  expect(a!.fingerprint).toBe(b!.fingerprint);
  expect(a!.labels).toEqual(b!.labels);
  expect(a!.splits).toEqual(b!.splits);
  expect(a!.splits.val.length).toBeGreaterThan(20);
  expect(a!.splits.val.length).toBeLessThan(60);
  const pixels = await readFile(a!.imagesPath);
  const [test, train] = ['t10k', 'train'].map(name => files[`${name}-images-idx3-ubyte`]!.subarray(16));
  expect(pixels.equals(Buffer.concat([test!, train!]))).toBe(true);
  expect(packed.rejects).toEqual([]);
});

test('images cross the borders of what is read at once', async () => {
  const { desk, datasets, importFolder } = await openWorkshop();
  const files = idxFiles('', 20_000);
  await importFolder(await put(desk, gzipped(files)), 'many');
  const pixels = await readFile(datasets.trainingData('many').imagesPath);
  expect(pixels.equals(files['images-idx3-ubyte']!.subarray(16))).toBe(true);
});

const IMAGES = 'train-images-idx3-ubyte';
const LABELS = 'train-labels-idx1-ubyte';

/** The files with one of them changed. */
function spoilt(name: string, change: (content: Buffer) => Buffer | undefined): Record<string, Buffer> {
  const files = idxFiles('train-', 30);
  const content = change(files[name]!);
  const { [name]: _, ...rest } = files;
  return content ? { ...rest, [name]: content } : rest;
}

function withNumber(content: Buffer, value: number, at: number): Buffer {
  content.writeUInt32BE(value, at);
  return content;
}

test.each<[string, Record<string, Buffer>, RegExp]>([
  [
    'images with a wrong start',
    spoilt(IMAGES, c => withNumber(c, 1234, 0)),
    /starts with 1234, not with 2051/,
  ],
  [
    'labels with a wrong start',
    spoilt(LABELS, c => withNumber(c, 2051, 0)),
    /starts with 2051, not with 2049/,
  ],
  ['images cut off', spoilt(IMAGES, c => c.subarray(0, -1)), /images-idx3-ubyte is cut off/],
  ['images too long', spoilt(IMAGES, c => Buffer.concat([c, c])), /longer than its header says/],
  ['labels cut off', spoilt(LABELS, c => c.subarray(0, 20)), /labels-idx1-ubyte is cut off/],
  ['labels too long', spoilt(LABELS, c => Buffer.concat([c, c])), /longer than its header says/],
  ['fewer labels than images', spoilt(LABELS, c => withNumber(c, 29, 4)), /has 29 labels for the 30 images/],
  ['no labels', spoilt(LABELS, () => undefined), /labels that belong to .* are missing/],
  ['a header alone', spoilt(IMAGES, c => c.subarray(0, 10)), /too short/],
  ['a size of nothing', spoilt(IMAGES, c => withNumber(c, 0, 8)), /makes no sense/],
  [
    'packed images cut off',
    gzipped(spoilt(IMAGES, c => c.subarray(0, -1))),
    /images-idx3-ubyte\.gz is cut off/,
  ],
  ['packed images too long', gzipped(spoilt(IMAGES, c => Buffer.concat([c, c]))), /longer than its header/],
  [
    'a gzip file cut off',
    Object.fromEntries(
      Object.entries(idxFiles('train-', 30)).map(([n, c]) => [`${n}.gz`, gzipSync(c).subarray(0, -12)]),
    ),
    /is cut off/,
  ],
  [
    'no gzip at all',
    { [`${IMAGES}.gz`]: idxFiles('train-', 30)[IMAGES]!, ...spoilt(IMAGES, () => undefined) },
    /not gzipped/,
  ],
  [
    'two datasets in one folder',
    { ...idxFiles('train-', 30), ...idxFiles('other-train-', 30) },
    /several IDX datasets/,
  ],
])('%s: refused with the file and the fault, and nothing stays', async (_, files, fault) => {
  const { desk, datasets, importFolder, caches } = await openWorkshop();
  const attempt = importFolder(await put(desk, files), 'broken');
  await expect(attempt).rejects.toThrow(fault);
  await expect(attempt).rejects.toMatchObject({ name: 'UserError' });
  expect(datasets.list()).toEqual([]);
  expect(await caches()).toEqual([]);
});
