/** Folders that may be read, and every way out of them; uploads likewise. */
import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { temporaryFolder } from '../database/temporary.ts';
import { idxFiles, openWorkshop, picture, put, putClasses } from './workshop.ts';

/** Two roots, a secret beside them, and links that lead from one into the other and out. */
async function confined() {
  const home = temporaryFolder();
  await putClasses(join(home, 'photos/pets'), { cat: 3, dog: 3 });
  await putClasses(join(home, 'photos-secret'), { x: 2, y: 2 });
  await mkdir(join(home, 'scans'));
  await symlink(join(home, 'photos-secret'), join(home, 'photos/out'));
  await symlink(join(home, 'scans'), join(home, 'photos/across'));
  const workshop = await openWorkshop({ roots: [join(home, 'photos'), join(home, 'scans')] });
  return { home, ...workshop };
}

test('no path leaves the roots, by neighbour, dots, link or otherwise', async () => {
  const { home, datasets, importFolder } = await confined();
  for (const path of [
    home,
    '/',
    join(home, 'photos-secret'),
    `${home}/photos/../photos-secret`,
    `${home}/photos/out`,
    `${home}/photos/out/x`,
    `${home}/photos-does-not-exist`,
  ]) {
    await expect(datasets.listFolder(path), path).rejects.toThrow(
      /lies outside the folders that may be read/,
    );
    await expect(importFolder(path, 'stolen'), path).rejects.toMatchObject({ name: 'UserError' });
  }
  await expect(datasets.listFolder(`${home}/photos\0`)).rejects.toThrow(/NUL/);
  expect(datasets.list()).toEqual([]);
});

test('a picker starts at the roots and goes down; links that lead out are not shown', async () => {
  const { home, datasets } = await confined();
  const top = await datasets.listFolder(null);
  expect(top).toMatchObject({
    parent: null,
    folders: [{ path: join(home, 'photos') }, { path: join(home, 'scans') }],
  });
  const photos = await datasets.listFolder(join(home, 'photos'));
  expect(photos).toMatchObject({ parent: null, files: 0 });
  expect(photos.folders.map(({ name }) => name)).toEqual(['across', 'pets']);
  const cats = await datasets.listFolder(join(home, 'photos/pets/cat'));
  expect(cats).toMatchObject({ parent: join(home, 'photos/pets'), folders: [], files: 3 });
  expect((await datasets.listFolder(join(home, 'photos/across'))).path).toBe(join(home, 'scans'));
});

test('an import does not follow links out of the roots, and says so', async () => {
  const { home, importFolder } = await confined();
  const pets = join(home, 'photos/pets');
  await symlink(join(home, 'photos-secret'), join(pets, 'stolen'));
  await symlink(join(home, 'photos-secret/x/000.png'), join(pets, 'cat/stolen.png'));
  const { classes, count, rejects } = await importFolder(pets, 'pets');
  expect({ classes, count }).toEqual({ classes: ['cat', 'dog'], count: 6 });
  expect(rejects.map(({ path }) => path).sort()).toEqual(['cat/stolen.png', 'stolen']);
  expect(new Set(rejects.map(({ reason }) => reason))).toEqual(
    new Set(['It is a link that leads out of the folders that may be read.']),
  );
});

test('what describes images is not read through a link that leads out of the roots', async () => {
  const { home, datasets, importFolder } = await confined();
  const [inside, outside] = [join(home, 'photos'), join(home, 'photos-secret')];
  const shown = { '1.png': await picture({ seed: 1 }), '2.png': await picture({ seed: 2 }) };
  const json = {
    images: [1, 2].map(id => ({ id, file_name: `${id}.png` })),
    annotations: [1, 2].map(id => ({ image_id: id, category_id: id, bbox: [0, 0, 4, 4] })),
    categories: [1, 2].map(id => ({ id, name: `secret ${id}` })),
  };
  await put(outside, {
    'labels.csv': 'secret_column,label\n1.png,secret 1\n2.png,secret 2\n',
    'table.csv': 'file,label\n1.png,secret 1\n2.png,secret 2\n',
    'annotations/a.json': JSON.stringify(json),
    'masks/1.png': shown['1.png'],
    'masks/2.png': shown['2.png'],
    'classes.txt': 'secret 1\nsecret 2\n',
    'data_batch_1.bin': Buffer.alloc(3073),
    'batches.meta.txt': Array.from({ length: 10 }, (_, at) => `secret ${at}`).join('\n'),
    'train/secret/1.png': shown['1.png'],
    'val/secret/1.png': shown['2.png'],
    ...idxFiles('train-', 20),
  });
  const link = (from: string, to: string) => symlink(join(outside, from), join(inside, to));
  const at = async (name: string, links: Record<string, string>) => {
    await put(join(inside, name), shown);
    for (const [from, to] of Object.entries(links)) await link(from, join(name, to));
    return join(inside, name);
  };
  for (const [name, links] of Object.entries({
    table: { 'table.csv': 'table.csv' },
    coco: { 'annotations/a.json': 'a.json' },
    annotations: { annotations: 'annotations' },
    idx: {
      'train-images-idx3-ubyte': 'train-images-idx3-ubyte',
      'train-labels-idx1-ubyte': 'train-labels-idx1-ubyte',
    },
    cifar: { 'data_batch_1.bin': 'data_batch_1.bin' },
    splits: { train: 'train', val: 'val' },
  })) {
    const folder = await at(name, links);
    const found = await datasets.recogniseFolder(folder).catch((error: Error) => error.message);
    // The links themselves lie here, and may be folders of classes.
    expect(JSON.stringify(found), name).not.toMatch(/secret|"(csv|coco|idx|cifar|masks)"/);
    await expect(importFolder(folder, name), name).rejects.toMatchObject({ name: 'UserError' });
  }
  // The labels alone, and names alone, lead out.
  const labels = await put(join(inside, 'labels'), idxFiles('train-', 20));
  await rm(join(labels, 'train-labels-idx1-ubyte'));
  await link('train-labels-idx1-ubyte', 'labels/train-labels-idx1-ubyte');
  await expect(importFolder(labels, 'labels')).rejects.toThrow(/labels that belong to .* are missing/);
  const record = Buffer.alloc(3073);
  const cifar = await put(join(inside, 'names'), {
    'data_batch_1.bin': Buffer.concat([record, Buffer.alloc(3073, 1)]),
  });
  await link('batches.meta.txt', 'names/batches.meta.txt');
  expect((await importFolder(cifar, 'names')).classes).toEqual(['0', '1']);
  const masked = await put(join(inside, 'masked'), {
    'images/1.png': shown['1.png'],
    'masks/1.png': await picture({ seed: 1, grey: true }),
  });
  await link('classes.txt', 'masked/classes.txt');
  const { maskClasses } = await importFolder(masked, 'masked');
  expect(maskClasses.join()).not.toContain('secret');
  expect(datasets.list().map(({ name }) => name)).toEqual(['masked', 'names']);
});

test('without roots, every folder can be listed', async () => {
  const { desk, datasets } = await openWorkshop();
  await put(desk, { 'b10/x': '', 'b9/x': '', file: '' });
  expect(await datasets.listFolder(desk)).toMatchObject({
    path: desk,
    files: 1,
    folders: [{ name: 'b9' }, { name: 'b10' }],
  });
  expect(await datasets.listFolder('/')).toMatchObject({ path: '/', parent: null });
  await expect(datasets.listFolder(join(desk, 'file'))).rejects.toThrow(/is a file/);
});

test('a dropped folder is uploaded file by file, imported and cleared away', async () => {
  const { datasets, workspace } = await openWorkshop({ roots: [temporaryFolder()] });
  const upload = await datasets.beginUpload('dropped');
  for (const [index, path] of [
    'pets/cat/1.png',
    'pets/cat/2.png',
    'pets/dog/1.png',
    'pets/dog/é 🐕.png',
  ].entries()) {
    await datasets.putUpload(upload, path, await picture({ seed: index + 1 }));
  }
  const detail = await datasets.finished(await datasets.finishUpload(upload));
  expect(detail).toMatchObject({
    name: 'dropped',
    source: 'dropped (uploaded)',
    classes: ['cat', 'dog'],
    count: 4,
  });
  expect(await readdir(join(workspace.folder, 'uploads'))).toEqual([]);
  await expect(datasets.putUpload(upload, 'pets/cat/3.png', Buffer.alloc(1))).rejects.toThrow(
    /not open any more/,
  );
});

test.each(['../x', 'a/../../x', '/x', 'a//x', './x', 'a/.', '', 'a\\..\\x', 'C:/x', 'a\0'])(
  'an upload to %j is refused',
  async path => {
    const { datasets, workspace } = await openWorkshop();
    const upload = await datasets.beginUpload('dropped');
    await expect(datasets.putUpload(upload, path, Buffer.from('x'))).rejects.toThrow(/no path of a file/);
    await expect(datasets.putUpload('../uploads' as Id, 'x', Buffer.from('x'))).rejects.toThrow(/not open/);
    await expect(datasets.finishUpload(upload)).rejects.toThrow('Nothing was uploaded.');
    expect(await readdir(join(workspace.folder, 'uploads'))).toEqual([]);
  },
);

test.each(['d/'.repeat(2500), 'n'.repeat(5000), `C:${'x'.repeat(5000)}`])(
  'a path that no disk takes is refused in a short sentence, and nothing of its file stays',
  async path => {
    const { datasets, workspace } = await openWorkshop();
    const upload = await datasets.beginUpload('long');
    const fault = await datasets.putUpload(upload, `${path}a`, Buffer.from('x')).catch(error => error);
    expect(fault).toMatchObject({ name: 'UserError' });
    expect(fault.message.length).toBeLessThan(200);
    const folder = join(workspace.folder, 'uploads', upload);
    const left = await readdir(folder, { recursive: true, withFileTypes: true });
    expect(left.filter(entry => entry.isFile())).toEqual([]);
  },
);

test('an upload that is no dataset is refused and cleared away', async () => {
  const { datasets, workspace } = await openWorkshop();
  const upload = await datasets.beginUpload('notes');
  await datasets.putUpload(upload, 'a.txt', Buffer.from('x'));
  await expect(datasets.finishUpload(upload)).rejects.toThrow(/no dataset/);
  expect(await readdir(join(workspace.folder, 'uploads'))).toEqual([]);
});
