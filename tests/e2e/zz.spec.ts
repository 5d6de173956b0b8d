import { expect, test } from './fixtures.ts';
import { goTo, node } from './gestures.ts';

for (const [w, h] of [
  [1280, 800],
  [1920, 1080],
] as const)
  for (const scheme of ['light', 'dark'] as const)
    test(`shots ${w} ${scheme}`, async ({ studio }) => {
      const { page, host } = studio;
      test.skip(host === 'desktop');
      test.skip((w === 1920) !== (scheme === 'dark'));
      await page.setViewportSize({ width: w, height: h });
      await page.emulateMedia({ colorScheme: scheme });
      await expect(node(page, 'conv1')).toBeVisible();
      await goTo(page, 'Data');
      await expect(page.getByRole('heading', { name: 'shapes' })).toBeVisible();
      await page.locator('.thumbnail').nth(3).click();
      await page
        .locator('.thumbnail')
        .nth(5)
        .click({ modifiers: ['Control'] });
      await page.waitForTimeout(800);
      const shot = (name: string) => page.screenshot({ path: `/tmp/data-shots/${name}-${w}-${scheme}.png` });
      await shot('images');
      await page.getByText('Report', { exact: true }).click();
      await page.waitForTimeout(400);
      await shot('report');
      await page.getByText('Augmentation', { exact: true }).click();
      await page.getByLabel('Add an augmentation').selectOption('RandomRotation');
      await page.waitForTimeout(1500);
      await shot('augment');
      await page.getByRole('button', { name: /^Version/ }).click();
      await page.waitForTimeout(300);
      await shot('versions');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Divide…' }).click();
      await page.waitForTimeout(400);
      await shot('divide');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Import a folder' }).first().click();
      await page.waitForTimeout(800);
      await page.getByText('Preparation', { exact: true }).click();
      await page.waitForTimeout(300);
      await shot('import');
    });
