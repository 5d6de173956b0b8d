import { expect, test } from './fixtures.ts';
import { goTo, node } from './gestures.ts';

test('shots', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await page.getByLabel('Epochs', { exact: true }).fill('3');
  await page.getByRole('button', { name: 'Start training' }).click();
  await expect(page.getByText('finished', { exact: true })).toBeVisible({ timeout: 150_000 });
  await goTo(page, 'Explain');
  const names = await page.getByRole('navigation', { name: 'Views' }).getByRole('button').allTextContents();
  for (const [i] of names.entries()) {
    await page.getByRole('navigation', { name: 'Views' }).getByRole('button').nth(i).click();
    await page.waitForTimeout(1500);
    const slide = page.getByRole('button', { name: /Slide over it|Hide each place/ });
    if (await slide.count()) {
      await slide.click();
      await page.waitForTimeout(2500);
    }
    await page.screenshot({ path: `/tmp/explain-shots/${i + 1}-light.png` });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.waitForTimeout(500);
    await page.screenshot({ path: `/tmp/explain-shots/${i + 1}-dark.png` });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 800 });
  }
});
