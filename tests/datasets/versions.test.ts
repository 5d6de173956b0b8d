/** Datasets that change: by hand, and because their folder did. Runs keep the version that they were trained on. */
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { type Id, newId } from '../../src/bridge/ids.ts';
import { openWorkshop, picture, put, putClasses, type Workshop } from './workshop.ts';

async function pets(): Promise<Workshop & { id: Id }> {
  const workshop = await openWorkshop();
  await putClasses(workshop.desk, { cat: 30, dog: 30 }, { width: 20, height: 20 });
  const { id } = await workshop.importFolder(workshop.desk, 'pets');
  return { ...workshop, id };
}

const renew = async ({ datasets }: Workshop, id: Id) => datasets.finished(await datasets.renewDataset(id));

/** As a run leaves it that was trained on the present version. */
function trained({ workspace }: Workshop, id: Id, name: string): void {
  const { fingerprint } = workspace.datasets.get(id)!;
  const zero = { epochs: 1, steps: 1, epoch: 1, step: 1, parameters: 0, seconds: 0, seed: 1, startedAt: 1 };
  workspace.runs.insertRun({
    ...zero,
    ...{
      id: newId(),
      name,
      project: null,
      projectName: 'p',
      datasetId: id,
      dataset: 'pets',
      state: 'finished',
    },
    ...{ error: null, settings: {}, environment: {}, dataFingerprint: fingerprint, endedAt: 2 },
    ...{ weightHash: null, metrics: {}, document: {} as never, notes: '', tags: [], archived: false },
    ...{ sweep: null, queuePlace: null, origin: null, deletedAt: null },
  });
}

test('relabelling, leaving out and moving make one new version, and are taken back to the byte', async () => {
  const workshop = await pets();
  const { datasets, id, imagesOf } = workshop;
  const first = datasets.trainingData('pets');
  const [a, b, c] = imagesOf(id).filter(({ split }) => split === 'train') as never as { index: number }[];
  const undo = [
    await datasets.editImages(id, [{ index: a!.index, label: 1 }]),
    await datasets.editImages(id, [{ index: b!.index, split: null }]),
    await datasets.editImages(id, [{ index: c!.index, split: 'test' }]),
  ];
  const detail = datasets.detail(id);
  expect(detail).toMatchObject({ version: 2, count: 59 });
  expect(detail.versions.map(({ version, change, count }) => ({ version, change, count }))).toEqual([
    { version: 2, change: '1 relabelled, 1 left out, 1 moved', count: 59 },
    { version: 1, change: 'imported', count: 60 },
  ]);
  const second = datasets.trainingData('pets');
  expect(second.labels[a!.index]).toBe(1);
  expect([...second.splits.train]).not.toContain(b!.index);
  expect([...second.splits.test]).toContain(c!.index);
  expect(datasets.images(id, { split: 'none', label: null, offset: 0, limit: 9 }).total).toBe(1);
  // The first version is still to be had, whole.
  expect(datasets.trainingData('pets', first.fingerprint)).toEqual(first);
  expect(() => datasets.trainingData('pets', 'another')).toThrow(/nor is a version of it/);
  for (const edits of undo.reverse()) await datasets.editImages(id, edits);
  expect(datasets.trainingData('pets')).toEqual(first);
  await expect(datasets.editImages(id, [{ index: 99, label: 0 }])).rejects.toThrow(/no image 99/);
  await expect(datasets.editImages(id, [{ index: 1, label: 7 }])).rejects.toThrow(/no class 7/);
  const all = imagesOf(id).map(({ index }) => ({ index, split: null }));
  await expect(datasets.editImages(id, all)).rejects.toThrow(/No image would be left/);
  expect(datasets.trainingData('pets')).toEqual(first);
});

test('what a run was trained on stays, whatever is changed after', async () => {
  const workshop = await pets();
  const { datasets, id } = workshop;
  await datasets.editImages(id, [{ index: 0, label: 1 }]);
  trained(workshop, id, 'first');
  const used = datasets.trainingData('pets');
  await datasets.editImages(id, [{ index: 1, label: 1 }]);
  await datasets.editImages(id, [{ index: 2, label: 1 }]);
  expect(datasets.detail(id).versions).toMatchObject([
    { version: 3, change: '2 relabelled', runs: 0 },
    { version: 2, change: '1 relabelled', runs: 1 },
    { version: 1, change: 'imported', runs: 0 },
  ]);
  expect(datasets.trainingData('pets', used.fingerprint)).toEqual(used);
  const undo = await datasets.restoreVersion(id, 1);
  expect(datasets.trainingData('pets').labels[0]).toBe(0);
  expect(undo).toHaveLength(3);
});

test('mean and deviation of a version are those of its training images', async () => {
  const { datasets, id, imagesOf } = await pets();
  await datasets.splitDataset(id, { by: 'ratio', val: 0.2, test: 0.3, seed: 4 });
  const train = imagesOf(id).filter(({ split }) => split === 'train');
  const values: number[][] = [[], [], []];
  for (const { index } of train) {
    const raw = await sharp(await datasets.image(id, index))
      .raw()
      .toBuffer();
    for (const [at, value] of raw.entries()) values[at % 3]!.push(value / 255);
  }
  const { mean, std } = datasets.trainingData('pets');
  for (const [channel, all] of values.entries()) {
    const average = all.reduce((sum, value) => sum + value, 0) / all.length;
    const variance = all.reduce((sum, value) => sum + (value - average) ** 2, 0) / all.length;
    expect(mean[channel]).toBeCloseTo(average, 10);
    expect(std[channel]).toBeCloseTo(Math.sqrt(variance), 10);
  }
});

test('by a list of files, those validate and test, and all others train', async () => {
  const { datasets, id, imagesOf } = await pets();
  await datasets.splitDataset(id, { by: 'list', val: ['cat/003.png'], test: ['007.png'] });
  const of = (split: string) =>
    imagesOf(id)
      .filter(each => each.split === split)
      .map(({ path }) => path);
  expect(of('val')).toEqual(['cat/003.png']);
  expect(of('test')).toEqual(['cat/007.png', 'dog/007.png']);
});

test('a folder that changed is taken in as a new version: added, removed, changed; the rest stays as it was', async () => {
  const workshop = await pets();
  const { datasets, id, desk, imagesOf } = workshop;
  await datasets.editImages(id, [
    { index: 4, label: 1 },
    { index: 5, split: null },
  ]);
  trained(workshop, id, 'before');
  const before = imagesOf(id);
  const used = datasets.trainingData('pets');
  expect((await renew(workshop, id)).version).toBe(2);
  await rm(join(desk, 'cat/001.png'));
  await put(desk, {
    'cat/002.png': await picture({ seed: 900, width: 20, height: 20 }),
    'cat/900.png': await picture({ seed: 901, width: 20, height: 20 }),
    'bird/000.png': await picture({ seed: 902, width: 20, height: 20 }),
    'bird/bad.png': 'no image',
  });
  const detail = await renew(workshop, id);
  expect(detail).toMatchObject({ version: 3, count: 60, classes: ['cat', 'dog', 'bird'], rejectCount: 1 });
  expect(detail.versions[0]!.change).toBe('3 added, 2 taken out of the source');
  const after = new Map(imagesOf(id).map(image => [image.path, image]));
  expect(after.has('cat/001.png')).toBe(false);
  expect(after.get('cat/004.png')!.label).toBe(1);
  expect(after.has('cat/005.png')).toBe(false);
  for (const image of before) {
    const now = after.get(image.path);
    if (now) expect({ path: image.path, split: now.split }).toEqual({ path: image.path, split: image.split });
  }
  const shown = await sharp(await datasets.image(id, after.get('cat/002.png')!.index))
    .raw()
    .toBuffer();
  const file = await sharp(join(desk, 'cat/002.png')).raw().toBuffer();
  expect(shown.equals(file)).toBe(true);
  expect(datasets.trainingData('pets', used.fingerprint)).toEqual(used);
});

test('copies are found, never straddle a split that chance makes, and are reported where the source makes it', async () => {
  const { desk, importFolder, imagesOf, datasets } = await openWorkshop();
  await putClasses(desk, { a: 40, b: 40 }, { width: 32, height: 32 });
  const soft = (seed: number) =>
    sharp({ create: { width: 90, height: 90, channels: 3, background: { r: 90 + seed, g: 120, b: 60 } } })
      .composite([
        {
          input: Buffer.from(
            `<svg width="90" height="90"><circle cx="${15 + 15 * (seed % 5)}" cy="${15 + 30 * Math.floor(seed / 5)}" r="20" fill="#fa${seed % 10}"/></svg>`,
          ),
        },
      ])
      .png()
      .toBuffer();
  for (let n = 0; n < 15; n++) {
    const original = await soft(n);
    await put(desk, {
      [`a/near ${n}.png`]: await sharp(original).resize(32, 32).png().toBuffer(),
      [`a/near ${n}.jpg`]: await sharp(original).resize(32, 32).jpeg({ quality: 80 }).toBuffer(),
      [`b/copy ${n}.png`]: await sharp(original).resize(32, 32).png().toBuffer(),
    });
  }
  const { id, report } = await importFolder(desk, 'copies');
  expect(report.flags).toMatchObject({ duplicate: 30, leak: 0 });
  const groups = Map.groupBy(
    imagesOf(id).filter(({ path }) => /near|copy/.test(path)),
    ({ path }) => /\d+/.exec(path)![0],
  );
  for (const [name, members] of groups) {
    expect(new Set(members.map(({ split }) => split)).size, name).toBe(1);
    expect(new Set(members.map(({ twins }) => twins)), name).not.toContain(null);
  }
  await datasets.splitDataset(id, { by: 'list', val: [], test: ['a/near 3.png'] });
  expect(datasets.detail(id).report.flags.leak).toBe(3);
  const leaking = datasets.images(id, { split: null, label: null, flag: 'leak', offset: 0, limit: 9 }).images;
  expect(leaking.map(({ path }) => path).sort()).toEqual(['a/near 3.jpg', 'a/near 3.png', 'b/copy 3.png']);
});

test('prepared differently, the same files are a dataset beside the first, with its classes and splits', async () => {
  const { desk, datasets, importFolder, imagesOf, workspace } = await openWorkshop();
  await putClasses(desk, { a: 20, b: 20 }, { width: 24, height: 24 });
  const { id, options } = await importFolder(desk, 'pets');
  await datasets.editImages(id, [
    { index: 0, label: 1 },
    { index: 1, split: null },
    { index: 2, split: 'test' },
  ]);
  const before = workspace.datasets.get(id)!.fingerprint;
  const preparation = { ...options, size: { height: 8, width: 12 }, colour: 'grey' as const };
  const other = await datasets.importDataset({ path: desk, name: 'small', preparation, like: id });
  expect(await datasets.finished(other)).toMatchObject({ imageShape: [1, 8, 12], count: 39, version: 1 });
  const said = (of: Id) => imagesOf(of).map(({ path, label, split }) => ({ path, label, split }));
  expect(said(other)).toEqual(said(id));
  expect(workspace.datasets.get(id)).toMatchObject({ imageShape: [3, 24, 24], fingerprint: before });
  // What was said by hand outlasts the next look through the folder.
  await datasets.finished(await datasets.renewDataset(other));
  expect(said(other)).toEqual(said(id));
});

test('suspicious images are flagged: one colour alone, very long', async () => {
  const { desk, importFolder, imagesOf } = await openWorkshop();
  await putClasses(desk, { a: 5, b: 5 });
  const create = { width: 12, height: 12, channels: 3, background: '#123456' } as const;
  await put(desk, {
    'a/flat.png': await sharp({ create }).png().toBuffer(),
    'b/long.png': await picture({ width: 120, height: 12 }),
  });
  const { id, report } = await importFolder(desk, 'odd');
  expect(report.flags).toMatchObject({ constant: 1, extreme: 1 });
  const flagged = imagesOf(id).filter(({ flags }) => flags.length > 0);
  expect(flagged.map(({ path, flags }) => `${path} ${flags}`)).toEqual([
    'a/flat.png constant',
    'b/long.png extreme',
  ]);
});

test('a cache that was cleared or damaged is filled again, and nothing else changes', async () => {
  const workshop = await pets();
  const { datasets, id, caches } = workshop;
  const data = datasets.trainingData('pets');
  const shown = await datasets.image(id, 7);
  await datasets.clearCache(id);
  expect(await caches()).toEqual([]);
  expect(datasets.detail(id).bytes).toBe(0);
  expect((await datasets.image(id, 7)).equals(shown)).toBe(true);
  expect(datasets.detail(id).bytes).toBe(60 * 1200);
  await truncate(data.imagesPath, 9 * 1200);
  await datasets.ensureCache('pets');
  expect((await datasets.image(id, 30)).length).toBeGreaterThan(0);
  await writeFile(data.imagesPath, Buffer.alloc(60 * 1200));
  await rm(join(workshop.desk, 'cat/007.png'));
  await expect(datasets.ensureCache('pets')).rejects.toThrow(
    /1 of the images of pets are lost.*cat\/007\.png/,
  );
  await rm(workshop.desk, { recursive: true });
  await expect(datasets.ensureCache('pets')).rejects.toThrow(/does not exist/);
});
