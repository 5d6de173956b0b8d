/** The canvas itself: what is bypassed, selected, looked at, and how far from. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { edge, node } from './gestures.ts';

/** As the status bar says it, without its sign. */
const zoom = async (page: Page) => (await page.locator('.status-zoom').textContent())?.match(/^\d+/)?.[0];

const left = async (page: Page, name: string) => (await node(page, name).boundingBox())!.x;

test('B lets data flow past what is selected, and through it again', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'pool1').click();
  await page.keyboard.press('b');
  await expect(node(page, 'pool1')).toHaveAccessibleName('pool1, MaxPool2d, 16×32×32, bypassed');
  await expect(node(page, 'pool1').getByText('bypassed: data flows past it')).toBeVisible();
  await expect(edge(page, 'pool1', 'conv2')).toHaveText('16×32×32');
  await page.keyboard.press('Control+z');
  await expect(edge(page, 'pool1', 'conv2')).toHaveText('16×16×16');
  await page.keyboard.press('b');
  await page.keyboard.press('b');
  await expect(node(page, 'pool1')).toHaveAccessibleName('pool1, MaxPool2d, 16×16×16');
});

test('Shift and an arrow select up- or downstream', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'pool1').click();
  await page.keyboard.press('Shift+ArrowUp');
  await expect(page.getByRole('heading', { name: '4 layers' })).toBeVisible();
  await page.keyboard.press('Escape');
  await node(page, 'relu3').click();
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByRole('heading', { name: '2 layers' })).toBeVisible();
});

test('F fits the selection, 0 all, 1 is a hundred per cent', async ({ studio }) => {
  const { page } = studio;
  // Without a glide, so that each figure is the last.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect(node(page, 'conv1')).toBeVisible();
  await page.keyboard.press('1');
  await expect.poll(() => zoom(page)).toBe('100');
  await page.keyboard.press('0');
  await expect.poll(() => zoom(page)).not.toBe('100');
  const all = await zoom(page);
  await node(page, 'conv2').click();
  await page.keyboard.press('f');
  await expect.poll(() => zoom(page)).toBe('125');
  await page.keyboard.press('Escape');
  await page.keyboard.press('.');
  await expect.poll(() => zoom(page)).toBe(all);
});

test('Space and the middle button pan, over nodes too, and move no node', async ({ studio }) => {
  const { page } = studio;
  const from = (await node(page, 'conv1').boundingBox())!;
  const pull = async (button: 'left' | 'middle') => {
    await page.mouse.move(from.x + 60, from.y + 20);
    await page.mouse.down({ button });
    await page.mouse.move(from.x + 140, from.y + 20, { steps: 5 });
    await page.mouse.up({ button });
  };
  await page.keyboard.down('Space');
  await pull('left');
  await page.keyboard.up('Space');
  await expect.poll(() => left(page, 'conv1')).toBeCloseTo(from.x + 80, 0);
  expect(await left(page, 'fc1')).toBeCloseTo(from.x + 80, 0);
  await pull('middle');
  await expect.poll(() => left(page, 'conv1')).toBeCloseTo(from.x + 160, 0);
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
});

test('a box drawn with Shift selects what lies in it', async ({ studio }) => {
  const { page } = studio;
  const first = (await node(page, 'conv1').boundingBox())!;
  const last = (await node(page, 'pool1').boundingBox())!;
  await page.keyboard.down('Shift');
  await page.mouse.move(first.x - 30, first.y - 8);
  await page.mouse.down();
  await page.mouse.move(last.x + last.width + 30, last.y + last.height + 8, { steps: 6 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await expect(page.getByRole('heading', { name: '3 layers' })).toBeVisible();
  // Any of them drags all.
  await page.mouse.move(first.x + 60, first.y + 20);
  await page.mouse.down();
  await page.mouse.move(first.x + 160, first.y + 20, { steps: 5 });
  await page.mouse.up();
  expect((await left(page, 'pool1')) - last.x).toBeGreaterThan(70);
  await page.keyboard.press('Control+z');
  expect(await left(page, 'pool1')).toBeCloseTo(last.x, 0);
});

test('the overview pans to where it is clicked', async ({ studio }) => {
  const { page } = studio;
  const before = await left(page, 'conv1');
  const overview = page.getByRole('img', { name: 'Overview of the network' });
  await expect(overview).toBeVisible();
  const box = (await overview.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 20, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => left(page, 'conv1')).toBeLessThan(before - 20);
});
