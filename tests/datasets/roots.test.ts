/** Folders that may be read, and every way out of them; uploads likewise. */
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { temporaryFolder } from '../database/temporary.ts';
import { openWorkshop, picture, put, putClasses } from './workshop.ts';

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

test('an upload that is no dataset is refused and cleared away', async () => {
  const { datasets, workspace } = await openWorkshop();
  const upload = await datasets.beginUpload('notes');
  await datasets.putUpload(upload, 'a.txt', Buffer.from('x'));
  await expect(datasets.finishUpload(upload)).rejects.toThrow(/no dataset/);
  expect(await readdir(join(workspace.folder, 'uploads'))).toEqual([]);
});
