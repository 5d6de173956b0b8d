// @vitest-environment jsdom
/** The import dialog: the folder, its form, the name and the preparation that a person chose reach the studio. */
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { DatasetSummary, FolderListing } from '../../src/bridge/datasetCalls.ts';
import { UserError } from '../../src/main/userError.ts';
import { ImportDialog } from '../../src/renderer/data/importDialog.tsx';
import { closeImport } from '../../src/renderer/data/importing.ts';
import { chooseFolder } from '../../src/renderer/store/imports.ts';
import { idOf } from '../ids.ts';
import { draw, playStudio } from './window.tsx';

const folders: Record<string, FolderListing> = {
  '/': { path: '/', parent: null, folders: [{ name: 'pets', path: '/pets' }], files: 0 },
  '/pets': {
    path: '/pets',
    parent: '/',
    folders: [
      { name: 'cat', path: '/pets/cat' },
      { name: 'dog', path: '/pets/dog' },
    ],
    files: 3,
  },
};

const answers = {
  async listFolder(path: string | null) {
    const listing = folders[path ?? '/'];
    if (!listing) throw new UserError(`There is no folder ${path}.`);
    return listing;
  },
  async recogniseFolder(path: string) {
    return path === '/pets' ? [{ format: 'folders' as const, reason: 'it has a folder for each class' }] : [];
  },
  async importDataset() {
    return idOf(9);
  },
};

const taken: DatasetSummary = {
  id: idOf(1),
  name: 'pets',
  source: '/old',
  format: 'folders',
  state: 'ready',
  version: 1,
  renewable: true,
  createdAt: 0,
  imageShape: [3, 32, 32],
  classes: ['cat', 'dog'],
  boxes: false,
  maskClasses: [],
  count: 10,
  rejectCount: 0,
  bytes: 1,
};

beforeEach(closeImport);

async function open() {
  const person = draw(<ImportDialog />);
  await chooseFolder();
  const dialog = within(await screen.findByRole('dialog', { name: 'Import a folder of images' }));
  await dialog.findByRole('button', { name: 'pets' });
  return { person, dialog };
}

test('a folder is looked for, recognised and imported under its name', async () => {
  const received = await playStudio(answers);
  const { person, dialog } = await open();
  await person.click(dialog.getByRole('button', { name: 'pets' }));
  await dialog.findByText('Because it has a folder for each class.');
  dialog.getByRole('option', { name: 'Automatic: Class folders' });
  dialog.getByText('2 folders and 3 files in here.');
  await person.click(dialog.getByRole('button', { name: 'Import this folder' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(received.at(-1)).toEqual({
    call: 'importDataset',
    args: [
      {
        path: '/pets',
        name: 'pets',
        preparation: { size: null, fit: 'contain', colour: 'auto', normalise: 'dataset' },
      },
    ],
  });
});

test('what is chosen and typed goes along', async () => {
  const received = await playStudio(answers);
  const { person, dialog } = await open();
  await person.click(dialog.getByRole('button', { name: 'pets' }));
  await person.selectOptions(dialog.getByRole('combobox', { name: 'Read as' }), 'Files and a CSV');
  const name = dialog.getByRole('textbox', { name: 'Name of the dataset' });
  await person.clear(name);
  await person.type(name, '  Cats and dogs ');
  await person.click(dialog.getByText('Preparation'));
  await person.selectOptions(dialog.getByLabelText('Colours'), 'grey');
  await person.click(dialog.getByRole('button', { name: 'Import this folder' }));
  await waitFor(() => expect(received.at(-1)?.call).toBe('importDataset'));
  expect(received.at(-1)?.args).toEqual([
    {
      path: '/pets',
      name: 'Cats and dogs',
      format: 'csv',
      preparation: { size: null, fit: 'contain', colour: 'grey', normalise: 'dataset' },
    },
  ]);
});

test('a name that another dataset has is not taken', async () => {
  await playStudio(answers, { datasets: [taken] });
  const { person, dialog } = await open();
  await person.click(dialog.getByRole('button', { name: 'pets' }));
  const name = dialog.getByRole<HTMLInputElement>('textbox', { name: 'Name of the dataset' });
  await waitFor(() => expect(name.value).toBe('pets 2'));
  await person.clear(name);
  await person.type(name, 'pets');
  dialog.getByText('Another dataset has this name.');
  const button = dialog.getByRole<HTMLButtonElement>('button', { name: 'Import this folder' });
  expect(button.disabled).toBe(true);
  await person.clear(name);
  dialog.getByText('A name is wanted.');
});

test('a folder that is not there, and an import that is refused, are told where they were asked for', async () => {
  await playStudio({
    ...answers,
    importDataset: async () => {
      throw new UserError('In /pets no image was found.');
    },
  });
  const { person, dialog } = await open();
  const path = dialog.getByRole('textbox', { name: 'Folder' });
  await person.clear(path);
  await person.type(path, '/nowhere{Enter}');
  expect((await dialog.findByRole('alert')).textContent).toBe('There is no folder /nowhere.');
  await person.click(dialog.getByRole('button', { name: 'Start' }));
  await person.click(await dialog.findByRole('button', { name: 'pets' }));
  await waitFor(() => expect(dialog.queryByRole('alert')).toBeNull());
  await person.click(dialog.getByRole('button', { name: 'Import this folder' }));
  await dialog.findByText('In /pets no image was found.');
  screen.getByRole('dialog');
});
