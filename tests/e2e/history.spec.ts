/** A history of ten thousand runs, two hundred settings, two thousand metrics: the window holds little of it at a time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HUGE, writeHistory } from '../bench/hugeHistory.ts';
import { test as base, expect } from './fixtures.ts';
import { goTo } from './gestures.ts';

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of this pattern.
  workspace: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'receptive-e2e-'));
    writeHistory(folder, HUGE);
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },
});

test('is filtered, sorted and scrolled across with few elements', async ({ studio: { page } }, info) => {
  await expect(page.getByRole('navigation', { name: 'Places' })).toBeVisible({ timeout: 60_000 });
  await goTo(page, 'Runs');
  const count = page.getByText(/10.?000 runs/);
  await expect(count).toBeVisible({ timeout: 60_000 });
  await page
    .getByRole('radiogroup', { name: 'Columns of settings' })
    .getByText('All', { exact: true })
    .click();
  const elements = () => page.evaluate(() => document.querySelectorAll('*').length);
  expect(await elements()).toBeLessThan(3000);
  const table = page.getByRole('table', { name: 'Runs' });
  expect(Number(await table.getAttribute('aria-rowcount'))).toBe(HUGE.runs + 1);
  expect(Number(await table.getAttribute('aria-colcount'))).toBeGreaterThan(HUGE.settings);

  // Typing to seeing: what a person waits for. A figure to read, no limit.
  const filter = page.getByLabel('Filter runs');
  const started = Date.now();
  await filter.fill('accuracy > 0.8 and optimizer = adam and tag:baseline');
  await expect(page.getByText(/^25 of/)).toBeVisible();
  info.annotations.push({ type: 'milliseconds to filter', description: String(Date.now() - started) });
  expect(Number(await table.getAttribute('aria-rowcount'))).toBe(26);
  await filter.fill('');
  await table.getByRole('button', { name: 'Test accuracy' }).click();
  await expect(table.getByRole('row').nth(1)).toContainText('0.9000');
  await page.locator('.runs-table').evaluate(element => element.scrollTo(1e6, 1e5));
  await expect(table.getByRole('columnheader', { name: 'setting195', exact: true })).toBeVisible();
  await expect(table.getByRole('columnheader', { name: 'Run', exact: true })).toBeVisible();
  expect(await elements()).toBeLessThan(3000);
});
