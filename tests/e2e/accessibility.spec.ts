/** What axe finds in each place and each dialog, light and dark: nothing serious. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { goTo, layerInPalette, node, stop, train } from './gestures.ts';

async function expectNoSeriousFault(page: Page, where: string): Promise<void> {
  // A dialog that is still fading in has colours of no meaning.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState !== 'running'),
  );
  // Its legacy mode leaves out frames of other origins, of which there are none, and is twice as fast.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
  const { violations } = await axe.analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const found = serious.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html, any }) => ({ html, any })),
  }));
  expect(found, where).toEqual([]);
}

/** Each way to look at runs. */
async function expectNoFaultInViews(page: Page): Promise<void> {
  const views = page.getByRole('radiogroup', { name: 'View' });
  for (const view of ['Coordinates', 'Scatter', 'Confusion', 'Top losses', 'Is it better?', 'Queue']) {
    await views.getByText(view, { exact: true }).click();
    await expect(page.getByRole('region', { name: view, exact: true }).first()).toBeVisible();
    await expectNoSeriousFault(page, view);
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ contextOptions: { colorScheme } });

    test('no place has a serious fault', async ({ studio }) => {
      const { page, host } = studio;
      if (host === 'desktop') await page.emulateMedia({ colorScheme });
      await node(page, 'conv1').click();
      await train(page, 'Shapes with pooling 1');
      await stop(page);
      for (const place of ['Design', 'Data', 'Train', 'Runs', 'Explain'] as const) {
        await goTo(page, place);
        await expect(page.getByRole('main')).toBeVisible();
        await expectNoSeriousFault(page, place);
        if (place === 'Runs') await expectNoFaultInViews(page);
        if (place !== 'Train') continue;
        await page.getByRole('radiogroup', { name: 'What is shown' }).getByText('Prepare').click();
        await expect(page.getByRole('region', { name: 'What it takes' })).toBeVisible();
        await expectNoSeriousFault(page, 'Prepare');
      }
      await page.keyboard.press('Control+j');
      for (const tab of ['PyTorch', 'Keras', 'Paste code']) {
        await page.getByText(tab, { exact: true }).first().click();
        await expect(page.getByRole('region', { name: 'Code' })).toBeVisible();
        await expectNoSeriousFault(page, tab);
      }
    });

    test('no part of Design and no dialog about projects has a serious fault', async ({ studio }) => {
      // axe looks at nine pages: that takes its time on a busy machine.
      test.slow();
      const { page, host } = studio;
      if (host === 'desktop') await page.emulateMedia({ colorScheme });
      await node(page, 'conv1').click();
      await node(page, 'conv2').click({ modifiers: ['Shift'] });
      await expectNoSeriousFault(page, 'several layers');
      await node(page, 'fc1').click();
      const overlays = page.getByRole('radiogroup', { name: 'Shown over the canvas' });
      for (const overlay of ['Params', 'Memory', 'Field']) {
        await overlays.getByText(overlay, { exact: true }).click();
        await expectNoSeriousFault(page, `overlay ${overlay}`);
      }
      await layerInPalette(page, 'Conv2d').hover();
      await expect(page.getByRole('tooltip')).toBeVisible();
      await expectNoSeriousFault(page, 'a layer of the palette');

      await page.keyboard.press('Control+o');
      await expect(page.getByRole('dialog', { name: 'Projects' })).toContainText('11 layers');
      await expectNoSeriousFault(page, 'projects');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Project menu' }).click();
      await page.getByRole('menuitem', { name: 'New project…' }).click();
      await expect(page.getByText(/Too deep for 32×32/).first()).toBeVisible();
      await expectNoSeriousFault(page, 'new project');
      await page.keyboard.press('Escape');

      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Search layers, commands, runs' }).fill('compare with');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('dialog', { name: 'Compare networks' })).toBeVisible();
      await expectNoSeriousFault(page, 'two networks');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);

      await node(page, 'conv1').click();
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Delete');
      await expect(page.getByRole('region', { name: 'Networks to start from' })).toContainText(
        '83.1 k params',
      );
      await expectNoSeriousFault(page, 'an empty canvas');
    });
  });
}
