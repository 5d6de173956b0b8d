/** Images: a folder is picked or dropped, what cannot be used is named, and the network is made to fit. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { expect, test } from './fixtures.ts';
import { goTo, node } from './gestures.ts';

const CLASSES = ['birds', 'cats', 'dogs'];
const EACH = 20;
const folder = await mkdtemp(join(tmpdir(), 'receptive-pets-'));
test.use({ hostArgs: ['--root', folder] });

test.beforeAll(async () => {
  for (const [i, name] of CLASSES.entries()) {
    await mkdir(join(folder, 'pets', name), { recursive: true });
    for (let n = 0; n < EACH; n++)
      await writeFile(join(folder, 'pets', name, `${n}.png`), await square(i, n));
  }
  const whole = await square(0, 0);
  await writeFile(join(folder, 'pets/cats/cut.png'), whole.subarray(0, whole.length - 20));
  await writeFile(join(folder, 'pets/dogs/letter.png'), 'Dear reader, this is no picture.');
  await mkdir(join(folder, 'pets/fish'));
});

test.afterAll(() => rm(folder, { recursive: true, force: true }));

/** A square whose colour tells its class and number, so that no two files are the same. */
function square(label: number, n: number): Promise<Buffer> {
  const background = { r: 80 * label, g: 10 * n, b: 200 - 60 * label };
  return sharp({ create: { width: 24, height: 24, channels: 3, background } })
    .png()
    .toBuffer();
}

test('a folder picked in the window is imported, and names each file that it could not use', async ({
  studio,
}) => {
  const { page, host } = studio;
  test.skip(host === 'desktop', 'The desktop host has the dialog of the system.');
  await importPets(page);
  await expect(page.getByText('60 images. 3 files could not be used.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'cats: 14 training, 3 validation, 3 test' })).toBeVisible();

  await page.getByText('Not used (3)').click();
  const rejects = page.getByRole('list', { name: 'Files that were not used' });
  await expect(rejects).toContainText('cats/cut.png');
  await expect(rejects).toContainText('dogs/letter.png');
  await expect(rejects).toContainText('fish');

  await page.getByRole('button', { name: /^dogs: / }).click();
  await expect(page.getByRole('img', { name: /^dogs, / }).first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Thumbnails' })).toHaveAttribute('data-total', `${EACH}`);
});

test('an imported folder is read, mended by hand, tried with augmentation, and trained on', async ({
  studio,
}) => {
  const { page, host } = studio;
  test.skip(host === 'desktop', 'The desktop host has the dialog of the system.');
  await importPets(page);
  await expect(page.getByRole('heading', { name: 'pets' })).toBeVisible();

  await page.getByText('Report', { exact: true }).click();
  const report = page.getByRole('region', { name: 'Report' });
  await expect(report).toContainText('RGB, 24×24, the most common size');
  await expect(report).toContainText('3 files could not be used');
  await report.getByRole('button', { name: 'One colour alone' }).click();

  // One image is of another class, and one is no good.
  await page.getByRole('button', { name: 'Show all images' }).click();
  await page.getByRole('button', { name: 'birds, birds/0.png' }).click();
  const card = page.getByRole('region', { name: 'Picked images' });
  await card.getByLabel('Class').selectOption('dogs');
  await expect(page.getByRole('button', { name: 'Version 2' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^birds: .*/ })).toContainText('19');
  await page.getByRole('button', { name: 'birds, birds/1.png' }).click();
  await card.getByRole('button', { name: 'Leave out' }).click();
  await expect(page.getByRole('button', { name: /^birds: .*/ })).toContainText('18');
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: /^birds: .*/ })).toContainText('19');
  await page.keyboard.press('Control+Shift+z');
  await expect(page.getByRole('button', { name: /^birds: .*/ })).toContainText('18');
  await page.getByRole('button', { name: 'Version 2' }).click();
  await expect(page.getByRole('menuitem', { name: /1 relabelled, 1 left out/ })).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByText('Augmentation', { exact: true }).click();
  const wall = page.getByRole('region', { name: 'Preview' });
  await expect(wall.getByRole('img', { name: /as it is$/ })).toHaveCount(1);
  await page.getByLabel('Add an augmentation').selectOption('RandomErasing');
  await expect(wall.getByRole('img', { name: /epoch 4$/ })).toBeVisible();
  await page.getByRole('switch', { name: 'RandomErasing' }).click();
  await expect(page.getByRole('switch', { name: 'RandomErasing' })).not.toBeChecked();
  await page.getByRole('switch', { name: 'RandomErasing' }).click();

  await page.getByRole('button', { name: 'Train on this' }).click();
  await page.getByRole('button', { name: 'Fit the network' }).click();
  await expect(page.getByRole('button', { name: 'Start training' })).toBeEnabled();
  await page.getByRole('banner').getByRole('button', { name: 'Train' }).click();
  await expect(page.getByText('finished', { exact: true })).toBeVisible({ timeout: 60_000 });
  await goTo(page, 'Data');
  await page.getByRole('button', { name: 'Version 2' }).click();
  await expect(page.getByRole('menuitem', { name: /^Version 2.*1 run/ })).toBeVisible();
});

test('the network is made to fit a dataset in one step that can be undone', async ({ studio }) => {
  const { page, host } = studio;
  test.skip(host === 'desktop', 'The desktop host has the dialog of the system.');
  await importPets(page);
  await expect(page.getByRole('heading', { name: 'pets' })).toBeVisible();
  await page.getByRole('button', { name: 'Train on this' }).click();
  await page.getByRole('button', { name: 'Fit the network' }).click();
  await expect(page.getByRole('button', { name: 'Start training' })).toBeEnabled();
  await goTo(page, 'Design');
  await expect(node(page, 'input')).toHaveAccessibleName('input, Input, 3×24×24');
  await expect(node(page, 'fc2')).toHaveAccessibleName('fc2, Linear, 3');
  await page.keyboard.press('Control+z');
  await expect(node(page, 'input')).toHaveAccessibleName('input, Input, 3×32×32');
  await expect(node(page, 'fc2')).toHaveAccessibleName('fc2, Linear, 10');
});

test('prepared differently, the files become a dataset beside the one that is there', async ({ studio }) => {
  const { page, host } = studio;
  test.skip(host === 'desktop', 'The desktop host has the dialog of the system.');
  await importPets(page);
  await expect(page.getByRole('heading', { name: 'pets' })).toBeVisible();
  await page.getByRole('button', { name: 'More about this dataset' }).click();
  await page.getByRole('menuitem', { name: 'Prepare differently…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Prepare pets differently' });
  await expect(dialog.getByRole('button', { name: 'Read the files again' })).toBeDisabled();
  await dialog.getByLabel('Colours').selectOption('grey');
  await dialog.getByRole('button', { name: 'Read the files again' }).click();
  const prepared = page.getByRole('region', { name: 'Dataset pets 2' });
  await expect(prepared).toContainText('1×24×24');
  await expect(page.getByRole('button', { name: 'cats: 14 training, 3 validation, 3 test' })).toBeVisible();
});

test('a new project can import its images on the way, and trains on them', async ({ studio }) => {
  const { page, host } = studio;
  test.skip(host === 'desktop', 'The desktop host has the dialog of the system.');
  await expect(node(page, 'conv1')).toBeVisible();
  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menuitem', { name: 'New project…' }).click();
  const dialog = page.getByRole('dialog', { name: 'New project' });
  await dialog.getByRole('button', { name: 'Import a folder…' }).click();
  const importing = page.getByRole('dialog', { name: 'Import a folder of images' });
  await importing.getByRole('button', { name: 'pets' }).click();
  await importing.getByRole('button', { name: 'Import this folder' }).click();
  // What is imported while the dialog is open is what it was imported for.
  await expect(dialog.getByRole('radio', { name: /^pets/ })).toBeChecked();
  await dialog.getByText('Small CNN', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Create the project' }).click();
  await expect(node(page, 'input')).toHaveAccessibleName('input, Input, 3×24×24');
  await page.getByRole('banner').getByRole('button', { name: 'Train' }).click();
  await expect(page.getByText('finished', { exact: true })).toBeVisible({ timeout: 60_000 });
});

test('a folder dropped on the window is sent and imported', async ({ studio }) => {
  const { page, host } = studio;
  test.skip(host === 'desktop', 'A dropped folder has a path there, which is imported as a picked one is.');
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Data');
  await dropFolder(page, join(folder, 'pets'));
  // A browser does not tell of empty folders.
  await expect(page.getByText('60 images. 2 files could not be used.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'pets' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^birds: / })).toBeVisible();
});

/** What the system does when a person lets a folder go over the middle of the window. */
async function dropFolder(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 640, y: 400, data });
  }
}

async function importPets(page: Page): Promise<void> {
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Data');
  await page.getByRole('button', { name: 'Import a folder' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Import a folder of images' });
  await dialog.getByRole('button', { name: 'pets' }).click();
  await expect(dialog.getByRole('button', { name: 'birds' })).toBeVisible();
  await expect(dialog.getByLabel('Name of the dataset')).toHaveValue('pets');
  await dialog.getByRole('button', { name: 'Import this folder' }).click();
}
