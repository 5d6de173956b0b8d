/** Order on the canvas: snapping, straight chains, alignment, equal distances, layout; each one step of undo. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { edge, layerInPalette, node } from './gestures.ts';

async function boxOf(page: Page, name: string) {
  return (await node(page, name).boundingBox())!;
}

/** Takes hold of a node and moves the pointer so far; lets go only where `drops` says so. */
async function drag(page: Page, name: string, dx: number, dy: number, drops = true): Promise<void> {
  const { x, y } = await boxOf(page, name);
  await page.mouse.move(x + 60, y + 20);
  await page.mouse.down();
  // A drag counts from where the pointer is once it has clearly moved.
  await page.mouse.move(x + 63, y + 20);
  await page.mouse.move(x + 63 + dx / 2, y + 20 + dy / 2, { steps: 3 });
  await page.mouse.move(x + 63 + dx, y + 20 + dy, { steps: 5 });
  if (drops) await page.mouse.up();
}

/** Waits until nothing glides, then says where nodes are. */
async function settled(page: Page, ...names: string[]) {
  // What was just asked for begins with the next frame.
  await page.evaluate(
    () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  await expect(page.locator('.react-flow__node.dragging')).toHaveCount(0);
  return Promise.all(names.map(name => boxOf(page, name)));
}

test('a dragged node snaps into line and shows the line; Alt lets it lie anywhere', async ({ studio }) => {
  const { page } = studio;
  const [before] = await settled(page, 'conv1');
  await drag(page, 'relu1', 3, 6, false);
  await expect(page.getByTestId('guide-x')).toBeVisible();
  expect((await boxOf(page, 'relu1')).x).toBeCloseTo(before!.x, 1);
  await page.mouse.up();
  await expect(page.getByTestId('guide-x')).toHaveCount(0);
  await drag(page, 'pool1', 150, 4);
  expect((await boxOf(page, 'pool1')).x).toBeGreaterThan(before!.x + 100);
  await page.keyboard.press('Control+z');
  expect((await boxOf(page, 'pool1')).x).toBeCloseTo(before!.x, 1);

  await page.keyboard.down('Alt');
  await drag(page, 'relu1', 5, 0);
  await page.keyboard.up('Alt');
  const off = (await boxOf(page, 'relu1')).x - before!.x;
  expect(off).toBeGreaterThan(2);
  expect(off).toBeLessThan(7);
});

test('Q puts a crooked chain straight', async ({ studio }) => {
  const { page } = studio;
  await drag(page, 'relu1', 90, 0);
  await drag(page, 'pool1', -70, 0);
  await page.keyboard.press('Control+a');
  await page.keyboard.press('q');
  const [first, ...others] = await settled(page, 'input', 'conv1', 'relu1', 'pool1', 'conv2');
  for (const { x } of others) expect(x).toBeCloseTo(first!.x, 1);
  await page.keyboard.press('Control+z');
  expect((await boxOf(page, 'relu1')).x).toBeGreaterThan(first!.x + 50);
});

test('nodes are aligned and spread evenly from the menu', async ({ studio }) => {
  const { page } = studio;
  await drag(page, 'conv1', -160, 0);
  await drag(page, 'relu1', -90, -25);
  await node(page, 'conv1').click();
  for (const name of ['relu1', 'pool1']) await node(page, name).click({ modifiers: ['Shift'] });
  const fromMenu = async (action: string) => {
    await node(page, 'relu1').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Arrange', exact: true }).hover();
    await page.getByRole('menuitem', { name: action }).click();
  };
  const boxes = () => settled(page, 'conv1', 'relu1', 'pool1');
  await fromMenu('Align right');
  await expect(async () => {
    const [a, b, c] = await boxes();
    expect(a!.x).toBeCloseTo(c!.x, 1);
    expect(b!.x).toBeCloseTo(c!.x, 1);
  }).toPass({ timeout: 10_000 });
  const [right] = await boxes();
  await fromMenu('Distribute from top to bottom');
  await expect(async () => {
    const [a, b, c] = await boxes();
    expect(b!.y - a!.y).toBeCloseTo(c!.y - b!.y, 1);
  }).toPass({ timeout: 10_000 });
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await boxOf(page, 'conv1')).x).toBeLessThan(right!.x - 50);
});

test('L lays a scattered network out, in one step, and keeps its frames around what was in them', async ({
  studio,
}) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  await node(page, 'relu2').click({ modifiers: ['Shift'] });
  await page.keyboard.press('Shift+F');
  await page.keyboard.type('Stage');
  await page.keyboard.press('Enter');
  await drag(page, 'relu1', 140, 30);
  await drag(page, 'pool1', -150, 10);
  const [scattered] = await settled(page, 'relu1');
  await page.keyboard.press('Escape');
  await page.keyboard.press('l');
  await expect.poll(async () => (await boxOf(page, 'relu1')).x).not.toBeCloseTo(scattered!.x, 0);
  const chain = await settled(page, 'input', 'conv1', 'relu1', 'pool1', 'conv2', 'relu2', 'pool2');
  for (const [i, { x, y, height }] of chain.entries()) {
    expect(x).toBeCloseTo(chain[0]!.x, 1);
    if (i > 0) expect(y).toBeGreaterThan(chain[i - 1]!.y + height);
  }
  const frame = (await page.getByRole('group', { name: 'Frame Stage' }).boundingBox())!;
  expect(frame.y).toBeLessThan(chain[4]!.y);
  expect(frame.y + frame.height).toBeGreaterThan(chain[5]!.y + chain[5]!.height);
  await page.keyboard.press('Control+z');
  expect((await boxOf(page, 'relu1')).x).toBeCloseTo(scattered!.x, 0);
});

test.describe('where no motion is wanted', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('a layout is there at once', async ({ studio }) => {
    const { page, host } = studio;
    if (host === 'desktop') await page.emulateMedia({ reducedMotion: 'reduce' });
    await drag(page, 'relu1', 140, 0);
    await page.keyboard.press('Escape');
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      const drawn = document.querySelector('[data-id="relu1"]') as HTMLElement;
      new MutationObserver(() => seen.push(drawn.style.transform)).observe(drawn, {
        attributeFilter: ['style'],
      });
    });
    await page.keyboard.press('l');
    await expect.poll(async () => (await boxOf(page, 'relu1')).x - (await boxOf(page, 'conv1')).x).toBe(0);
    const places = await page.evaluate(() => new Set((window as unknown as { seen: string[] }).seen).size);
    expect(places).toBe(1);
  });
});

test('a loose node dropped on an edge is spliced in, and its neighbours make room', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  const canvas = (await page.getByRole('region', { name: 'Canvas' }).boundingBox())!;
  await layerInPalette(page, 'BatchNorm2d').dragTo(page.getByRole('region', { name: 'Canvas' }), {
    targetPosition: { x: 110, y: 500 },
  });
  const loose = await boxOf(page, 'batchnorm1');
  const target = (await edge(page, 'conv1', 'relu1').boundingBox())!;
  expect(loose.x).toBeGreaterThan(canvas.x - 1);
  const dx = target.x + target.width / 2 - loose.x - loose.width / 2;
  const dy = target.y + target.height / 2 - loose.y - loose.height / 2;
  await drag(page, 'batchnorm1', dx, dy);
  await expect(node(page, 'batchnorm1')).toHaveAccessibleName('batchnorm1, BatchNorm2d, 16×32×32');
  const [above, between, below] = await settled(page, 'conv1', 'batchnorm1', 'relu1');
  expect(between!.y).toBeGreaterThan(above!.y + above!.height);
  expect(below!.y).toBeGreaterThan(between!.y + between!.height);
});

test('a layout that does not come to an end is given up, and nothing has moved', async ({ studio }) => {
  const { page, host } = studio;
  test.skip(host === 'desktop', 'What its own protocol serves cannot be replaced by a test.');
  await page.route(/layoutWorker/, route =>
    route.fulfill({ contentType: 'text/javascript', body: 'for (;;);' }),
  );
  const before = await settled(page, 'conv1', 'fc2');
  await page.keyboard.press('l');
  await expect.poll(() => page.workers().length).toBe(1);
  await expect(page.getByText('Laying out took longer than 5 seconds and was given up.')).toBeVisible();
  await expect.poll(() => page.workers().length).toBe(0);
  expect(await settled(page, 'conv1', 'fc2')).toEqual(before);
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
});
