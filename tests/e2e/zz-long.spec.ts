import { appendFileSync } from 'node:fs';
import sharp from 'sharp';
import { clipText } from '../../src/engine/graph/clip.ts';
import { resnet18 } from '../../src/engine/zoo/resnet.ts';
import { expect, test } from './fixtures.ts';
import { copyText, goTo, newProject } from './gestures.ts';

test('long tasks', async ({ studio }) => {
  const { page } = studio;
  await newProject(page);
  await copyText(page, clipText({ graph: resnet18.build([3, 224, 224], 1000), around: [] }));
  await page.mouse.move(620, 400);
  await page.keyboard.press('Control+v');
  await page.keyboard.press('Escape');
  await page.waitForTimeout(1500);
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { seen });
    new PerformanceObserver(list => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  const take = async (name: string) => {
    const seen = await page.evaluate(() => (window as unknown as { seen: number[] }).seen.splice(0));
    appendFileSync('/tmp/explain-long.log', `${name}: ${seen.map(Math.round).join(' ')}\n`);
  };
  await goTo(page, 'Explain');
  const views = page.getByRole('navigation', { name: 'Views' });
  await take('open');
  const buffer = await sharp({
    create: {
      width: 300,
      height: 260,
      channels: 3,
      background: '#3080c0',
      noise: { type: 'gaussian', mean: 120, sigma: 60 },
    },
  })
    .png()
    .toBuffer();
  await views.getByRole('button', { name: 'Feature maps' }).click();
  await page.getByLabel('Image file').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer });
  const start = Date.now();
  await expect(page.getByRole('img', { name: /^Channel 64 of/ })).toBeVisible({ timeout: 120_000 });
  await take(`maps after ${Date.now() - start} ms`);
  await page.waitForTimeout(2000);
  await take('maps painted');
  await page.screenshot({ path: '/tmp/explain-shots/resnet-maps.png' });
  await views.getByRole('button', { name: 'Receptive field' }).click();
  await expect(page.getByRole('img', { name: /How much each pixel counts/ })).toBeVisible({
    timeout: 120_000,
  });
  await page.waitForTimeout(1000);
  await take('field');
  await page.screenshot({ path: '/tmp/explain-shots/resnet-field.png' });
  await views.getByRole('button', { name: 'Why' }).click();
  await expect(page.getByRole('img', { name: /^Grad-CAM/ })).toBeVisible({ timeout: 120_000 });
  await page.waitForTimeout(3000);
  await take('why');
  await views.getByRole('button', { name: 'Sweep' }).click();
  await page.getByText('A layer of mine', { exact: true }).click();
  await expect(page.getByRole('img', { name: /^Input channel 3/ })).toBeVisible({ timeout: 120_000 });
  await page.waitForTimeout(1500);
  await take('layer sweep');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await page.waitForTimeout(800);
  await take('layer step');
  await page.screenshot({ path: '/tmp/explain-shots/resnet-sweep.png' });
});
