/**
 * The places as a person sees them: the sample trained twice, and what Design can show. In both themes; Design and
 * the places in two sizes, the dialogs in one.
 */
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { test as base, expect } from '../e2e/fixtures.ts';
import { goTo, layerInPalette, node } from '../e2e/gestures.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');
/** The pictures show where the studio keeps its files: a plain name, which must be free. */
const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of this pattern.
  workspace: async ({}, use) => {
    const folder = join(tmpdir(), 'Receptive');
    await mkdir(folder);
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },
});

const SMALL = { '': { width: 1280, height: 800 } };
const SIZES = { ...SMALL, '-large': { width: 1920, height: 1080 } };

interface Options {
  sizes?: Readonly<Record<string, { width: number; height: number }>>;
  /** Whether the canvas is fitted to each size. */
  fit?: boolean;
}

async function picture(
  page: Page,
  name: string,
  { sizes = SIZES, fit = false }: Options = {},
): Promise<void> {
  for (const [suffix, size] of Object.entries(sizes)) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      if (fit) await page.keyboard.press('f');
      await page.waitForTimeout(600);
      await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}${suffix}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(SIZES['']);
}

test('pictures of every place', async ({ studio: { page } }) => {
  test.setTimeout(600_000);
  await expect(node(page, 'conv1')).toBeVisible();
  const trainOnce = async () => {
    await page.getByRole('banner').getByRole('button', { name: 'Train' }).click();
    await expect(page.getByText('running', { exact: true })).toBeVisible();
  };
  const finished = () =>
    expect(page.getByText('finished', { exact: true })).toBeVisible({ timeout: 240_000 });

  await trainOnce();
  await finished();
  await page.getByLabel('Learning rate').first().fill('0.05');
  await page.keyboard.press('Tab');
  await trainOnce();
  await expect(page.getByText(/^[5-9] of 10$/)).toBeVisible({ timeout: 120_000 });
  await picture(page, 'train');
  await page.getByRole('radiogroup', { name: 'What is shown' }).getByText('Prepare').click();
  await expect(page.getByText(/^Training /)).toHaveCount(0, { timeout: 240_000 });
  await page.getByRole('button', { name: 'Find a learning rate' }).click();
  await expect(page.getByRole('button', { name: /^Use 0/ })).toBeVisible({ timeout: 120_000 });
  await expect(page.getByRole('region', { name: 'What it takes' })).toContainText(/One epoch\d/);
  await picture(page, 'train-prepare');

  await goTo(page, 'Design');
  await node(page, 'conv2').click();
  await picture(page, 'design', { fit: true });
  await goTo(page, 'Data');
  await picture(page, 'data');
  await goTo(page, 'Runs');
  for (const box of await page.getByRole('checkbox').all()) await box.setChecked(true, { force: true });
  await picture(page, 'runs');
  await goTo(page, 'Explain');
  await picture(page, 'explain-sweep');
  await page.getByRole('button', { name: 'Why' }).click();
  await expect(page.getByRole('img', { name: /^Grad-CAM/ })).toBeVisible();
  await picture(page, 'explain');
});

test('pictures of what Design shows', async ({ studio: { page } }) => {
  test.setTimeout(600_000);
  await expect(node(page, 'conv1')).toBeVisible();
  const command = async (words: string) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search layers, commands, runs' }).fill(words);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'Commands' })).toHaveCount(0);
  };
  const overlay = (title: string) =>
    page.getByRole('radiogroup', { name: 'Shown over the canvas' }).getByText(title, { exact: true }).click();

  await layerInPalette(page, 'Conv2d').hover();
  await picture(page, 'palette', { sizes: SMALL });
  await page.mouse.move(640, 400);
  await node(page, 'flatten').click();
  await page.keyboard.press('Delete');
  await node(page, 'fc1').click();
  await picture(page, 'design-problems', { fit: true });
  await page.keyboard.press('Control+z');

  await command('compare with strides');
  await picture(page, 'compare', { sizes: SMALL });
  await page.keyboard.press('Escape');
  await command('new from lenet');
  await expect(node(page, 'fc3')).toBeVisible();
  await picture(page, 'design-lenet', { fit: true });
  await overlay('Memory');
  await picture(page, 'overlay-memory', { sizes: SMALL, fit: true });
  await overlay('Shape');

  await command('new from resnet-50');
  await expect(node(page, 'layer1_0_conv1')).toBeVisible();
  await picture(page, 'design-resnet50');
  await overlay('MACs');
  await picture(page, 'overlay-macs', { sizes: SMALL });
  await overlay('Shape');

  await command('open a project');
  await expect(page.getByRole('dialog', { name: 'Projects' })).toContainText('176 layers');
  await picture(page, 'projects', { sizes: SMALL });
  await page.keyboard.press('Escape');
  await command('new project');
  await expect(page.getByText(/Too deep for 32×32/).first()).toBeVisible();
  await picture(page, 'new-project', { sizes: SMALL });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('region', { name: 'Networks to start from' })).toContainText('83.1 k params');
  await picture(page, 'design-empty');
});
