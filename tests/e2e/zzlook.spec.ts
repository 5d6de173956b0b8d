import { expect, test } from './fixtures.ts';
import { goTo, node } from './gestures.ts';

test('look', async ({ studio: { page } }) => {
  test.setTimeout(400_000);
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await page.getByLabel('Epochs', { exact: true }).fill('2');
  await page.getByLabel('Batch size').fill('256');
  await page.getByRole('button', { name: 'Start training' }).click();
  await expect(page.getByText('running', { exact: true })).toBeVisible();
  await goTo(page, 'Runs');
  await page.getByRole('button', { name: 'Sweep…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Sweep over/ });
  await dialog.getByLabel('Values of learningRate').fill('0.005, 0.05');
  await dialog.getByRole('button', { name: 'Another setting' }).click();
  await dialog.getByPlaceholder('Setting').last().fill('optimizer.kind');
  await page.keyboard.press('Escape');
  await dialog.getByLabel('Values of optimizer.kind').fill('SGD');
  await dialog.getByLabel('Seeds for each').fill('2');
  await page.screenshot({ path: '/tmp/runs-shots/sweep.png' });
  await dialog.getByRole('button', { name: 'Start the sweep' }).click();
  await page.getByRole('radiogroup', { name: 'View' }).getByText('Queue', { exact: true }).click();
  await page.screenshot({ path: '/tmp/runs-shots/queue.png' });
  await page.getByLabel('Filter runs').fill('state = finished');
  await expect(page.getByText(/^5 of 5 runs/)).toBeVisible({ timeout: 300_000 });
  await page.getByLabel('Filter runs').fill('');
  await page.getByLabel('Compare all that are shown').check();
  await page.getByRole('radiogroup', { name: 'View' }).getByText('Curves', { exact: true }).click();
  await page.getByText('Mean of seeds').click();
  for (const scheme of ['light', 'dark'] as const)
    for (const [width, height] of [
      [1280, 800],
      [1920, 1080],
    ] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height });
      for (const view of ['Curves', 'Coordinates', 'Scatter', 'Confusion', 'Top losses', 'Is it better?']) {
        await page.getByRole('radiogroup', { name: 'View' }).getByText(view, { exact: true }).click();
        await page.waitForTimeout(700);
        if (view === 'Confusion') {
          await page
            .getByRole('button', { name: /taken for/ })
            .and(page.locator(':enabled'))
            .first()
            .click();
          await page.waitForTimeout(400);
        }
        await page.screenshot({ path: `/tmp/runs-shots/${view.replace(/\W/g, '')}-${scheme}-${width}.png` });
      }
    }
});
