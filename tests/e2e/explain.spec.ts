/** Explain: what a convolution does, seen by its numbers, on one's own network and image. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { goTo, node } from './gestures.ts';

const sum = (page: Page) => page.getByTestId('sum');

async function view(page: Page, title: string): Promise<void> {
  await goTo(page, 'Explain');
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: title }).click();
  await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
}

test('a kernel sweeps: two dice, the demo with its numbers, padding that mends, a flip, a transpose', async ({
  studio,
}) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await view(page, 'Sweep');

  await page.getByText('Two dice', { exact: true }).click();
  // f(1)g(3) + f(2)g(2) + f(3)g(1), three of thirty-six.
  await expect(page.getByText('(f ∗ g)(4) = f(1)·g(3) + f(2)·g(2) + f(3)·g(1)')).toBeVisible();
  await expect(sum(page)).toHaveText('0.0833');
  await page.getByRole('button', { name: /^Sum 7: 0\.1667/ }).click();
  await expect(sum(page)).toHaveText('0.1667');
  await page.getByLabel('First die, f').selectOption('loaded towards 6');
  await expect(sum(page)).toHaveText('0.1667');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByRole('button', { name: /^Sum 8: 0\.1500/ })).toBeVisible();

  await page.getByText('An image', { exact: true }).click();
  await expect(page.getByText('⌊(5 + 1 + 1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 3')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Channel 3', exact: true })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Output of filter 2' }).getByRole('button')).toHaveCount(9);
  const position = page.getByRole('group', { name: 'Position of the kernel' });
  await expect(position).toContainText('1 of 9');
  await position.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(position).toContainText('2 of 9');
  await position.getByRole('button', { name: 'Play' }).click();
  await expect(position).toContainText('4 of 9');
  await position.getByRole('button', { name: 'Pause' }).click();

  await page.getByLabel('Numbers').selectOption('A cross on a 7×7 image');
  await page.getByRole('button', { name: 'Output of filter 1, row 1, column 4: 4' }).click();
  await expect(page.getByText('1·1 + 0·0 + 0·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 1·1 = 4')).toBeVisible();
  await expect(sum(page)).toHaveText('4');
  await page.getByRole('textbox', { name: 'Kernel for channel 1, row 1, column 1' }).fill('-2');
  await page.keyboard.press('Enter');
  await expect(sum(page)).toHaveText('1');
  await page.getByLabel('Kernel is laid on').selectOption('flipped');
  await expect(sum(page)).toHaveText('1');
  await page.getByRole('button', { name: /^Output of filter 1, row 3, column 1: −2/ }).click();
  await expect(sum(page)).toHaveText('−2');

  await page.getByLabel('Numbers').selectOption('Stride 3 does not fit 7');
  await expect(page.getByText('A further step would go out of bounds by 1; the last 2 rows')).toBeVisible();
  await page.getByRole('button', { name: 'Pad 1 more at the end' }).click();
  await expect(page.getByText('A further step would go out of bounds')).toHaveCount(0);
  await expect(page.getByRole('table', { name: 'Output of filter 1' }).getByRole('button')).toHaveCount(9);
  await page.getByLabel('Kernel', { exact: true }).fill('7');
  await page.getByLabel('Padding').fill('0');
  await page.getByLabel('Dilation').fill('2');
  await expect(page.getByText('The kernel reaches over 13 pixels')).toBeVisible();

  await page.getByText('Transposed', { exact: true }).click();
  await expect(page.getByText('5×5 = (3 − 1) · 2 − 2 · 1 + 3')).toBeVisible();
  const spread = page.getByRole('table', { name: 'Output: all of them added' });
  await expect(spread.getByRole('row')).toHaveCount(5);

  await page.getByText('A layer of mine', { exact: true }).click();
  await expect(page.getByRole('img', { name: /^Input channel 3: 32×32/ })).toBeVisible();
  const map = page.getByRole('slider', { name: 'Output of filter 1: pick a place' });
  await map.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await expect(map).toHaveAttribute('aria-valuetext', /^row 2, column 2: /);
  await expect(page.getByRole('region', { name: 'The sum' })).toContainText('filter 1, row 2, column 2');

  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
});
