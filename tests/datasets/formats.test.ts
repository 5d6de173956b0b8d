/** Drawn images written out in every form that a folder can have, and read back: the same pixels, classes, boxes, masks. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { DatasetFormat } from '../../src/bridge/datasetCalls.ts';
import { countPixels } from '../../src/main/studio/datasets/cache/maskCounts.ts';
import { type Drawn, draw, images, PIXELS, png, toCoco } from './drawn.ts';
import { idxFiles, openWorkshop, picture, put, type Workshop } from './workshop.ts';

/** What the cache holds must be what was drawn, image by image, found by the end of its path. */
async function expectSame(
  { datasets, imagesOf }: Workshop,
  name: string,
  drawn: readonly Drawn[],
  wanted: { boxes?: boolean; masks?: boolean; classes?: boolean },
): Promise<void> {
  const { id, classes } = datasets.list().find(each => each.name === name)!;
  const { imagesPath, masks, boxes } = datasets.trainingData(name);
  const [pixels, marks] = [await readFile(imagesPath), masks && (await readFile(masks.path))];
  const found = imagesOf(id);
  expect(found).toHaveLength(drawn.length);
  for (const { index, path, label, box } of found) {
    const original = drawn.find(
      each => path.includes(each.path) || path.endsWith(`#${drawn.indexOf(each)}`),
    )!;
    expect(pixels.subarray(index * 3 * PIXELS, (index + 1) * 3 * PIXELS).equals(original.pixels)).toBe(true);
    if (wanted.classes !== false) expect(classes[label]).toBe(original.className);
    expect(box).toEqual(wanted.boxes ? original.box : null);
    if (wanted.masks) {
      expect(marks!.subarray(index * PIXELS, (index + 1) * PIXELS).equals(original.mask)).toBe(true);
    }
  }
  expect(boxes !== undefined).toBe(wanted.boxes ?? false);
  expect(masks?.classes.length ?? 0).toBe(wanted.masks ? 2 : 0);
}

async function recognised({ datasets, desk }: Workshop): Promise<DatasetFormat[]> {
  return (await datasets.recogniseFolder(desk)).map(({ format }) => format);
}

test('class folders, with folders of splits above them', async () => {
  const workshop = await openWorkshop();
  const drawn = await draw(60);
  await put(workshop.desk, await images(drawn.slice(0, 40), 'train/'));
  await put(workshop.desk, await images(drawn.slice(40, 50), 'valid/'));
  await put(workshop.desk, await images(drawn.slice(50), 'test/'));
  expect(await recognised(workshop)).toEqual(['folders']);
  const { rejects, classCounts } = await workshop.importFolder(workshop.desk, 'drawn');
  expect(rejects).toEqual([]);
  expect(Object.values(classCounts).map(counts => counts.reduce((a, b) => a + b))).toEqual([40, 10, 10]);
  await expectSame(workshop, 'drawn', drawn, {});
});

test('a CSV names files, classes, splits and boxes', async () => {
  const workshop = await openWorkshop();
  const drawn = await draw(40);
  const rows = drawn.map(({ path, className, box: [left, top, width, height] }, i) =>
    [`${path}.png`, `"${className}"`, i % 4 ? 'Train' : 'test', left, top, left + width, top + height].join(
      ';',
    ),
  );
  const lines = ['filename;label;split;xmin;ymin;xmax;ymax', ...rows, 'lost.png;star;train;1;1;2;2', ';star'];
  await put(workshop.desk, {
    ...(await images(drawn, 'images/')),
    'list.csv': `\ufeff${lines.join('\r\n')}`,
    'images/extra.png': await picture(),
  });
  expect(await recognised(workshop)).toEqual(['csv', 'folders']);
  const { rejects, classCounts, report } = await workshop.importFolder(workshop.desk, 'drawn');
  expect(rejects).toEqual([
    { path: 'list.csv: lost.png', reason: 'There is no such file in the folder.' },
    { path: 'list.csv: ', reason: 'The row names no file.' },
    { path: 'images/extra.png', reason: 'No row of the CSV names it.' },
  ]);
  expect(classCounts.test.reduce((a, b) => a + b)).toBe(10);
  expect(report.notes).toEqual(['list.csv gives each image a box.']);
  await expectSame(workshop, 'drawn', drawn, { boxes: true });
});

test('CIFAR-10 and CIFAR-100 in binary, with the names of their classes', async () => {
  const workshop = await openWorkshop();
  const drawn = await draw(30);
  const record = ({ label, pixels }: Drawn, coarse: number[]) => {
    const planes = [0, 1, 2].map(channel => pixels.filter((_, at) => at % 3 === channel));
    return Buffer.concat([Buffer.from([...coarse, label]), ...planes]);
  };
  const names = [...new Set(drawn.map(({ className }) => className))];
  const ten = await put(join(workshop.desk, 'ten'), {
    'data_batch_1.bin': Buffer.concat(drawn.map(each => record(each, []))),
    'batches.meta.txt': `${names.join('\n')}\n\n`,
  });
  const { format, rejects } = await workshop.importFolder(ten, 'ten');
  expect({ format, rejects }).toEqual({ format: 'cifar', rejects: [] });
  await expectSame(workshop, 'ten', drawn, {});
  const hundred = await put(join(workshop.desk, 'hundred'), {
    'train.bin': Buffer.concat(drawn.map(each => record(each, [3]))),
    'test.bin': record(drawn[0]!, [3]),
  });
  const detail = await workshop.importFolder(hundred, 'hundred');
  expect(detail.classes).toEqual(names.map((_, label) => String(label)));
  expect(detail.report.flags).toMatchObject({ duplicate: 2, leak: 2 });
  await put(ten, { 'data_batch_2.bin': Buffer.alloc(100) });
  await expect(workshop.importFolder(ten, 'cut')).rejects.toThrow(/data_batch_2\.bin is cut off/);
});

test('COCO gives boxes; of several things in an image the largest counts, and the report says so', async () => {
  const workshop = await openWorkshop();
  const drawn = await draw(40);
  const { annotations, categories, ...found } = toCoco(drawn);
  const coco = {
    images: [...found.images, { id: 900, file_name: 'bare.png' }, { id: 901, file_name: '../../secret.png' }],
    annotations: [...annotations, { image_id: 5, category_id: 0, bbox: [0, 0, 2, 2] }],
    categories,
  };
  await put(workshop.desk, {
    ...(await images(drawn, 'images/')),
    'images/bare.png': await picture({ seed: 3 }),
    'annotations/instances.json': JSON.stringify(coco),
  });
  expect(await recognised(workshop)).toEqual(['coco', 'folders']);
  const { rejects, report } = await workshop.importFolder(workshop.desk, 'drawn');
  expect(report.notes).toEqual([
    '1 of 40 images show several things: the largest box of each is what counts.',
  ]);
  expect(rejects).toEqual([
    { path: 'images/bare.png', reason: 'No annotation gives it a box.' },
    { path: '../../secret.png', reason: 'There is no such file in the folder.' },
  ]);
  await expectSame(workshop, 'drawn', drawn, { boxes: true });
  await put(workshop.desk, { 'annotations/instances.json': JSON.stringify({ ...coco, annotations: [{}] }) });
  await expect(workshop.importFolder(workshop.desk, 'wrong')).rejects.toThrow(/at annotations\.0\.image_id/);
});

test.each(['index', 'colour', 'black and white'])('masks of the same names: %s', async kind => {
  const workshop = await openWorkshop();
  const drawn = await draw(30);
  const masks = drawn.map(async ({ path, mask }) => {
    if (kind === 'index') return [`masks/${path}_mask.png`, await png(mask, 1)] as const;
    if (kind === 'black and white')
      return [`masks/${path}.png`, await png(mask.map(v => 255 * v) as Buffer, 1)] as const;
    const colours = Buffer.from([...mask].flatMap(value => (value ? [200, 30, 90] : [0, 0, 0])));
    return [`masks/${path}.png`, await png(colours, 3)] as const;
  });
  await put(workshop.desk, {
    ...(await images(drawn, 'images/')),
    ...Object.fromEntries(await Promise.all(masks)),
  });
  await put(workshop.desk, { 'images/star/alone.png': await picture() });
  expect(await recognised(workshop)).toEqual(['masks', 'folders']);
  const { rejects, maskClasses } = await workshop.importFolder(workshop.desk, 'drawn');
  expect(rejects).toEqual([
    { path: 'images/star/alone.png', reason: 'There is no mask of its name in masks.' },
  ]);
  expect(maskClasses).toEqual(['ground', kind === 'colour' ? '#c81e5a' : 'thing']);
  const { id } = workshop.datasets.list()[0]!;
  const training = workshop.imagesOf(id).filter(({ split }) => split === 'train');
  const originals = training.map(({ path }) => drawn.find(each => path.includes(each.path))!);
  const pixels = originals.flatMap(({ mask }) => [...mask]);
  const things = pixels.filter(Boolean).length;
  const counts = await countPixels(workshop.datasets.trainingData('drawn'));
  expect(counts).toEqual([pixels.length - things, things]);
  await expectSame(workshop, 'drawn', drawn, { masks: true });
});

test('boxes and masks go where the pixels go when images are brought to another size', async () => {
  const { desk, datasets, imagesOf } = await openWorkshop();
  // A white block from (20, 10), 10 wide and 20 high, on black, in an image of 60×40.
  const [block, mask] = [Buffer.alloc(60 * 40), Buffer.alloc(60 * 40)];
  for (let at = 0; at < block.length; at++) {
    const [x, y] = [at % 60, Math.floor(at / 60)];
    const inside = x >= 20 && x < 30 && y >= 10 && y < 30;
    if (inside) [block[at], mask[at]] = [255, 1];
  }
  const raw = { width: 60, height: 40, channels: 1 } as const;
  const file = await sharp(block, { raw }).toColourspace('b-w').png().toBuffer();
  const marks = await sharp(mask, { raw }).toColourspace('b-w').png().toBuffer();
  const table = 'file,label,x,y,width,height\n1.png,a,20,10,10,20\n2.png,b,20,10,10,20\n';
  await put(join(desk, 'boxes'), { '1.png': file, '2.png': file, 'list.csv': table });
  await put(join(desk, 'masks'), { 'images/1.png': file, 'masks/1.png': marks });
  for (const [fit, box] of [
    // Half as large, between black above and below.
    ['contain', [10, 10, 5, 10]],
    ['fill', [10, 7.5, 5, 15]],
    // Three quarters as large, the sides cut off.
    ['cover', [7, 7.5, 7.5, 15]],
  ] as const) {
    const preparation = {
      size: { height: 30, width: 30 },
      fit,
      colour: 'auto',
      normalise: 'dataset',
    } as const;
    const load = async (folder: string) =>
      datasets.finished(
        await datasets.importDataset({ path: join(desk, folder), name: `${folder} ${fit}`, preparation }),
      );
    const { id } = await load('boxes');
    const found = imagesOf(id)[0]!.box!;
    for (const [at, value] of box.entries())
      expect(Math.abs(found[at]! - value), fit).toBeLessThanOrEqual(0.5);
    await load('masks');
    const { imagesPath, masks } = datasets.trainingData(`masks ${fit}`);
    const [pixels, seen] = [await readFile(imagesPath), await readFile(masks!.path)];
    // Where an edge falls into a pixel, it is grey, and either is right.
    const wrong = [...seen.keys()].filter(at => (seen[at] ? pixels[at]! < 60 : pixels[at]! > 195));
    expect(wrong, fit).toEqual([]);
    expect(seen.filter(value => value === 1).length, fit).toBeGreaterThan(40);
  }
});

test('a folder that can be read in several ways is read as one says', async () => {
  const workshop = await openWorkshop();
  const drawn = await draw(20);
  await put(workshop.desk, { ...(await images(drawn)), ...idxFiles('train-', 20) });
  expect(await recognised(workshop)).toEqual(['idx', 'folders']);
  const import_ = async (format: DatasetFormat) =>
    workshop.datasets.importDataset({ path: workshop.desk, name: format, format });
  const asFolders = await workshop.datasets.finished(await import_('folders'));
  expect(asFolders).toMatchObject({ format: 'folders', count: 20, imageShape: [3, 32, 32] });
  await expect(workshop.datasets.finished(await import_('coco'))).rejects.toThrow(/holds no JSON/);
});

/** MNIST's family as it lies on many a machine; else a few images of noise. */
const FASHION = '/usr/share/datasets/fashion-mnist';

test.each([
  ['noise', 60],
  ['Fashion-MNIST', 2000],
])('the same images as IDX and as PNG files have the same hash each: %s', async (from, count) => {
  if (from !== 'noise' && !existsSync(FASHION)) return;
  const { desk, importFolder, workspace } = await openWorkshop();
  const files = from === 'noise' ? idxFiles('train-', count) : await fashion(count);
  const [images, labels] = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'].map(name => files[name]!);
  const [height, width] = [images!.readUInt32BE(8), images!.readUInt32BE(12)];
  const pngs: Record<string, Buffer> = {};
  for (let n = 0; n < count; n++) {
    const pixels = images!.subarray(16 + n * height * width, 16 + (n + 1) * height * width);
    const one = sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
    pngs[`${labels![8 + n]}/${String(n).padStart(4, '0')}.png`] = await one.png().toBuffer();
  }
  const hashes = async (folder: string, content: Record<string, Buffer>) => {
    const { id } = await importFolder(await put(join(desk, folder), content), folder);
    const rows = workspace.datasets.rows(id);
    return rows.map(({ hash, label }) => `${label} ${hash.toString('hex')}`).sort();
  };
  expect(await hashes('png', pngs)).toEqual(await hashes('idx', files));
});

/** The first images of Fashion-MNIST's test files, under the names of training files. */
async function fashion(count: number): Promise<Record<string, Buffer>> {
  const read = async (name: string) => gunzipSync(await readFile(join(FASHION, `t10k-${name}-ubyte.gz`)));
  const [images, labels] = [await read('images-idx3'), await read('labels-idx1')];
  for (const file of [images, labels]) file.writeUInt32BE(count, 4);
  return {
    'train-images-idx3-ubyte': images.subarray(0, 16 + count * 784),
    'train-labels-idx1-ubyte': labels.subarray(0, 8 + count),
  };
}
