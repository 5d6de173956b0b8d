/** What axe finds in each place, light and dark: nothing serious. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures.ts';
import { goTo, node, stop, train } from './gestures.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ contextOptions: { colorScheme } });

    test('no place has a serious fault', async ({ studio }) => {
      const { page, host } = studio;
      if (host === 'desktop') await page.emulateMedia({ colorScheme });
      await node(page, 'conv1').click();
      await train(page);
      await stop(page);
      const expectNoFault = async (what: string) => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious, what).toEqual([]);
      };
      for (const place of ['Design', 'Data', 'Train', 'Runs'] as const) {
        await goTo(page, place);
        await expect(page.getByRole('main')).toBeVisible();
        await expectNoFault(place);
      }
      await page.keyboard.press('Control+j');
      for (const tab of ['PyTorch', 'Keras', 'Paste code']) {
        await page.getByText(tab, { exact: true }).click();
        await expect(page.getByRole('region', { name: 'Code' })).toBeVisible();
        await expectNoFault(tab);
      }
    });
  });
}
