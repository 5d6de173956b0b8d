/** The window in its host: it opens, comes back with its studio, and stays within its own walls. */
import { expect, test } from './fixtures.ts';

test('opens on the sample, with its token out of sight', async ({ studio }) => {
  await expect(studio.page.getByText('Conv2d').first()).toBeVisible();
  expect(studio.page.url()).not.toContain('token');
});

test('comes back by itself when the studio is killed, and says what happened', async ({ studio }) => {
  const { page } = studio;
  await expect(page.getByText('Conv2d').first()).toBeVisible();
  studio.killStudio();
  await expect(page.getByText('had stopped and was started again').first()).toBeVisible();
  await expect(page.getByText('Conv2d').first()).toBeVisible();
});

test('runs no script that is not its own', async ({ studio }) => {
  const { page } = studio;
  await expect(page.getByText('Conv2d').first()).toBeVisible();
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.intruder = true';
    document.head.append(script);
    const fetched = await fetch('https://example.com/').then(
      () => true,
      () => false,
    );
    return { intruder: 'intruder' in window, fetched };
  });
  expect(ran).toEqual({ intruder: false, fetched: false });
  expect(studio.pageErrors.length).toBeGreaterThan(0);
  studio.pageErrors.length = 0;
});
