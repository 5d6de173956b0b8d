import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium, expect, type Page } from '@playwright/test';
import { findChromium } from '../../scripts/chromium.mjs';
import { goTo, node } from '../e2e/gestures.ts';
import { startWebHostProcess } from '../webHostProcess.ts';

const only = process.argv.slice(2);
const OUT = '/tmp/expl-shots';
async function settle(page: Page) {
  await page.waitForTimeout(300);
  await expect(page.locator('.answered[aria-busy="true"]')).toHaveCount(0, { timeout: 120_000 });
  await page.waitForTimeout(400);
}
async function shoot(page: Page, name: string) {
  if (only.length && !only.some(o => name.startsWith(o))) return;
  for (const [suffix, size] of [
    ['', { width: 1280, height: 800 }],
    ['-l', { width: 1920, height: 1080 }],
  ] as const) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(350);
      await page.screenshot({ path: `${OUT}/${name}${suffix}-${colorScheme}.png` });
      if (!suffix) {
        const { violations } = await new AxeBuilder({ page: page as never }).analyze();
        for (const v of violations)
          console.log(
            name,
            colorScheme,
            v.impact,
            v.id,
            v.nodes
              .map(n => n.target.join(' '))
              .slice(0, 3)
              .join(' | '),
          );
      }
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light' });
}
const workspace = mkdtempSync(join(tmpdir(), 'receptive-shots-'));
const host = await startWebHostProcess(workspace);
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
});
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(host.address);
  await expect(node(page, 'conv1')).toBeVisible();
  if (!only.length || only.includes('train')) {
    await goTo(page, 'Train');
    await page.getByLabel('Epochs', { exact: true }).fill('1');
    await page.getByRole('button', { name: 'Start training' }).click();
    await expect(page.getByText('finished', { exact: true })).toBeVisible({ timeout: 120_000 });
  }
  await goTo(page, 'Explain');
  const view = (t: string) =>
    page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: t }).click();
  await view('Sweep');
  for (const part of ['Two dice', 'An image', 'Transposed', 'A layer of mine']) {
    await page.getByText(part, { exact: true }).click();
    await settle(page);
    await shoot(page, `sweep-${part.replace(/ /g, '')}`);
  }
  await view('Kernel bench');
  await settle(page);
  await page.getByRole('button', { name: 'Add a step' }).click();
  await settle(page);
  await shoot(page, 'bench');
  await view('im2col');
  await settle(page);
  await shoot(page, 'im2col');
  await view('Feature maps');
  await settle(page);
  await shoot(page, 'maps');
  await page.getByText('Filters', { exact: true }).click();
  await settle(page);
  await shoot(page, 'maps-filters');
  await view('Down-sampling');
  await settle(page);
  await shoot(page, 'smaller');
  await view('Receptive field');
  await settle(page);
  await shoot(page, 'field');
  await view('Why');
  await settle(page);
  await page.getByRole('button', { name: 'Hide each place' }).click();
  await settle(page);
  await shoot(page, 'why');
  await view('Fully convolutional');
  await settle(page);
  await shoot(page, 'conv-empty');
  await page.getByRole('button', { name: 'Slide over it' }).click();
  await settle(page);
  await shoot(page, 'conv');
  await view('Regularisation');
  await settle(page);
  await shoot(page, 'regul');
  await view('Try it');
  await settle(page);
  await shoot(page, 'try-empty');
  await page
    .getByLabel('Image files')
    .setInputFiles([{ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no image') }]);
  await page.getByRole('button', { name: 'Look through the camera' }).click();
  await page.waitForTimeout(3000);
  await shoot(page, 'try');
  // ResNet-20
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search layers, commands, runs' }).fill('new from resnet-20');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.waitForTimeout(2500);
  await goTo(page, 'Explain');
  await view('Fully convolutional');
  await page.getByLabel('Image file').setInputFiles('/work/wt-expl/docs/screenshots/data-light.png');
  await page.getByRole('button', { name: 'Slide over it' }).click();
  await settle(page);
  await shoot(page, 'conv-resnet');
} finally {
  await browser.close();
  await host.stop();
  rmSync(workspace, { recursive: true, force: true });
}
