/** Photographs, one press, a trained head; then the last stages are fine-tuned, the runs compared, an image tried. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from './fixtures.ts';
import { goTo } from './gestures.ts';

const EACH = 10;
const SIDE = 64;
const folder = await mkdtemp(join(tmpdir(), 'receptive-photographs-'));
test.use({ hostArgs: ['--root', folder] });

/** What tells the classes apart, as an SVG over a ground of any colour. */
const shapes = {
  discs: '<circle cx="32" cy="32" r="20"/>',
  bars: '<rect x="26" y="6" width="12" height="52"/>',
  rings: '<circle cx="32" cy="32" r="20" fill="none" stroke-width="8" stroke="white"/>',
};

test.beforeAll(async () => {
  for (const [name, shape] of Object.entries(shapes)) {
    await mkdir(join(folder, 'shapes', name), { recursive: true });
    for (let n = 0; n < EACH; n++) {
      const background = { r: 12 * n, g: 90 - 8 * n, b: 60 + 5 * n };
      const svg = `<svg width="${SIDE}" height="${SIDE}" fill="white"><g transform="rotate(${7 * n} 32 32)">${shape}</g></svg>`;
      const image = sharp({ create: { width: SIDE, height: SIDE, channels: 3, background } });
      const png = await image
        .composite([{ input: Buffer.from(svg) }])
        .png()
        .toBuffer();
      await writeFile(join(folder, 'shapes', name, `${n}.png`), png);
    }
  }
});

test.afterAll(() => rm(folder, { recursive: true, force: true }));

test('photographs begin with a pretrained network: one press trains its head, another fine-tunes it', async ({
  studio,
}) => {
  const { page, host } = studio;
  test.skip(host === 'desktop', 'The desktop host has the dialog of the system.');
  // Two trainings of a network of 84 layers.
  test.slow();
  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menuitem', { name: 'New project…' }).click();
  const dialog = page.getByRole('dialog', { name: 'New project' });
  // Images of 32×32 are proposed an empty canvas.
  await expect(dialog.getByRole('radio', { name: /^shapes/ })).toBeChecked();
  await expect(dialog.getByRole('button', { name: 'Create and train' })).toBeHidden();

  await dialog.getByRole('button', { name: 'Import a folder…' }).click();
  const picker = page.getByRole('dialog', { name: 'Import a folder of images' });
  await picker.getByRole('button', { name: 'shapes' }).click();
  await expect(picker.getByRole('button', { name: 'rings' })).toBeVisible();
  await picker.getByLabel('Name of the dataset').fill('photographs');
  await picker.getByRole('button', { name: 'Import this folder' }).click();
  await expect(dialog.getByRole('radio', { name: /^photographs/ })).toBeChecked({ timeout: 60_000 });
  const start = dialog.getByRole('radio', { name: /^EfficientNet-Lite0, pretrained: It has seen/ });
  await expect(start).toBeChecked();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Shapes at a glance');
  await dialog.getByRole('button', { name: 'Create and train' }).click();

  await expect(page.getByRole('heading', { name: 'Shapes at a glance 1' })).toBeVisible();
  await expect(page.getByText('finished', { exact: true })).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText(/^features of \d+ images kept/)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Begins with' }).getByLabel('Weights')).toHaveValue(
    'efficientnet_lite0',
  );

  await page.getByRole('button', { name: 'Fine-tune', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Shapes at a glance 2' })).toBeVisible();
  await expect(page.getByText(/, from the weights of Shapes at a glance 1$/)).toBeVisible();
  await expect(page.getByRole('img', { name: /layers learn, at/ })).toBeVisible();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByText('stopped', { exact: true })).toBeVisible({ timeout: 60_000 });

  await goTo(page, 'Runs');
  for (const run of ['Shapes at a glance 1', 'Shapes at a glance 2'])
    await expect(page.getByRole('checkbox', { name: `Compare ${run}`, exact: true })).toBeVisible();
});
