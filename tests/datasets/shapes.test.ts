/** The sample that the program draws: the same bytes everywhere, boxes and masks that fit, made once. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { drawnShapes } from '../../src/main/studio/datasets/formats/sampleShapes.ts';
import { temporaryFolder } from '../database/temporary.ts';
import { openWorkshop } from './workshop.ts';

test('the sample is 3,000 images of ten classes, evenly divided, with these very bytes', async () => {
  const { datasets, imagesOf } = await openWorkshop();
  await datasets.ensureSample();
  const { id } = datasets.list()[0]!;
  expect(datasets.detail(id)).toMatchObject({
    name: 'shapes',
    source: null,
    format: 'shapes',
    state: 'ready',
    imageShape: [3, 32, 32],
    count: 3000,
    classCounts: { train: Array(10).fill(240), val: Array(10).fill(30), test: Array(10).fill(30) },
  });
  expect(datasets.detail(id).report).toMatchObject({
    flags: { constant: 0, extreme: 0, duplicate: 0, near: 0, leak: 0 },
    uncovered: [],
  });
  const { imagesPath, masks, labels } = datasets.trainingData('shapes');
  const [pixels, marks] = [await readFile(imagesPath), await readFile(masks!.path)];
  const digest = createHash('sha256');
  const images = imagesOf(id);
  for (const { index, box } of images) {
    digest.update(pixels.subarray(index * 3072, (index + 1) * 3072));
    digest.update(marks.subarray(index * 1024, (index + 1) * 1024));
    digest.update(Int32Array.from(box!));
  }
  digest.update(labels);
  digest.update(Uint8Array.from(images, ({ split }) => ['train', 'val', 'test'].indexOf(split!)));
  expect(digest.digest('hex')).toBe('d09b70e42ee79b46f08ae6e0a16d6f7ceb0c062663a36efda837c8dffb96c78b');
});

test('each box is tight around its mask', async () => {
  const { datasets, imagesOf } = await openWorkshop();
  await datasets.ensureSample();
  const { imagesPath } = datasets.trainingData('shapes');
  const masks = await readFile(join(dirname(imagesPath), 'masks.bin'));
  expect(masks.length).toBe(3000 * 1024);
  for (const { index, box } of imagesOf(datasets.list()[0]!.id)) {
    const mask = masks.subarray(index * 1024, (index + 1) * 1024);
    const marked = [...mask.keys()].filter(at => mask[at]);
    const [columns, rows] = [marked.map(at => at % 32), marked.map(at => Math.floor(at / 32))];
    const [left, top] = [Math.min(...columns), Math.min(...rows)];
    expect(box).toEqual([left, top, Math.max(...columns) - left + 1, Math.max(...rows) - top + 1]);
    expect(marked.length).toBeGreaterThan(20);
  }
});

test('another seed draws other images', async () => {
  const hashOf = async (seed: number) => {
    const hash = createHash('sha256');
    for await (const drawn of drawnShapes(20, seed).pictures(new AbortController().signal)) {
      for (const picture of drawn) if ('pixels' in picture) hash.update(picture.pixels);
    }
    return hash.digest('hex');
  };
  expect(await hashOf(1)).toBe(await hashOf(1));
  expect(await hashOf(1)).not.toBe(await hashOf(2));
});

test('who deletes the sample does not get it back', async () => {
  const { datasets, caches } = await openWorkshop({ folder: temporaryFolder() });
  await datasets.ensureSample();
  await datasets.delete(datasets.list()[0]!.id);
  await datasets.ensureSample();
  expect(datasets.list()).toEqual([]);
  expect(await caches()).toEqual([]);
});
