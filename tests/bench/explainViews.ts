/**
 * The longest task of the window in each view of Explain, on a ResNet-18 of 224×224: how long it could not answer a
 * key. Opens a built studio in Chromium; run by hand: `node scripts/build.mjs && node tests/bench/explainViews.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { findChromium } from '../../scripts/chromium.mjs';
import { goTo, node } from '../e2e/gestures.ts';
import { startWebHostProcess } from '../webHostProcess.ts';

/** What is done in a view once it has answered. */
const gestures: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'Feature maps': async page => {
    await page.getByLabel('Layer', { exact: true }).selectOption('layer4_1_conv2');
    await settle(page);
    await page.getByText('Filters', { exact: true }).click();
  },
  'Receptive field': page => page.getByLabel('Layer', { exact: true }).selectOption('layer2_0_conv1').then(),
  'Fully convolutional': page => page.getByRole('button', { name: 'Slide over it' }).click(),
};

/** Waits until nothing is computed any more, and a moment for what is painted of it. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(200);
  await expect(page.locator('.answered[aria-busy="true"]')).toHaveCount(0, { timeout: 300_000 });
  await page.waitForTimeout(500);
}

async function longestOf(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate('longTasks.length = 0');
  await work();
  await settle(page);
  return page.evaluate('Math.max(0, ...longTasks)');
}

async function measure(page: Page): Promise<void> {
  await page.addInitScript(`
    globalThis.longTasks = [];
    new PerformanceObserver(list => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask' });
  `);
  await page.reload();
  await expect(node(page, 'conv1')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search layers, commands, runs' }).fill('new from resnet-18');
  await page.keyboard.press('Enter');
  await expect(node(page, 'layer1_0_conv1')).toBeVisible();
  // It was made for the sample's images, if those were there already.
  await node(page, 'input').click();
  for (const side of ['Height', 'Width']) await page.getByRole('textbox', { name: side }).fill('224');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('contentinfo')).toContainText('MACs 1.81 G');
  await goTo(page, 'Explain');
  const pixels = Buffer.from(Array.from({ length: 640 * 480 * 3 }, (_, i) => (i * i) % 251));
  const raw = { width: 640, height: 480, channels: 3 } as const;
  const image = {
    name: 'image.png',
    mimeType: 'image/png',
    buffer: await sharp(pixels, { raw }).png().toBuffer(),
  };
  const views = page.getByRole('navigation', { name: 'Views' }).getByRole('listitem').getByRole('button');
  process.stdout.write('view                      opened    an image    gesture   (longest task, ms)\n');
  for (const view of await views.all()) {
    const title = ((await view.textContent()) ?? '').replace(/^[0-9]+ /, '');
    const opened = await longestOf(page, () => view.click());
    const file = page.locator('input[type="file"]').first();
    const moved = (await file.count()) > 0 ? await longestOf(page, () => file.setInputFiles(image)) : null;
    const gesture = gestures[title];
    const used = gesture ? await longestOf(page, () => gesture(page)) : null;
    const columns = [opened, moved, used].map(ms => (ms === null ? '–' : ms.toFixed(0)).padStart(11));
    process.stdout.write(`${title.padEnd(20)} ${columns.join(' ')}\n`);
  }
}

const workspace = mkdtempSync(join(tmpdir(), 'receptive-views-'));
const host = await startWebHostProcess(workspace);
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(host.address);
  await measure(page);
} finally {
  await browser.close();
  await host.stop();
  rmSync(workspace, { recursive: true, force: true });
}
