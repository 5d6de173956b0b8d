/** The places as a person first sees them, with the sample trained twice, in both themes and two sizes. */
import { join } from 'node:path';
import { expect, test } from '../e2e/fixtures.ts';
import { goTo, node } from '../e2e/gestures.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');
const SIZES = { '': { width: 1280, height: 800 }, '-large': { width: 1920, height: 1080 } };

test('pictures of every place', async ({ studio: { page } }) => {
  test.setTimeout(600_000);
  const picture = async (name: string) => {
    for (const [suffix, size] of Object.entries(SIZES)) {
      await page.setViewportSize(size);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        if (name.startsWith('design')) await page.keyboard.press('f');
        await page.waitForTimeout(600);
        await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}${suffix}.png`) });
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(SIZES['']);
  };

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
  await picture('train');
  await finished();

  await goTo(page, 'Design');
  await node(page, 'conv2').click();
  await picture('design');
  await goTo(page, 'Data');
  await picture('data');
  await goTo(page, 'Runs');
  for (const box of await page.getByRole('checkbox').all()) await box.setChecked(true, { force: true });
  await picture('runs');
});
