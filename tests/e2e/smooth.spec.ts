/** The window while a run trains beside it: what a hand moves follows, and training goes on. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { expectPoints, goTo, node, pointsOf, stop, train } from './gestures.ts';

const FRAMES = 60;

/** Drags a node a frame at a time. @returns how often nodes were drawn, and tasks that held the window up for 50 ms */
async function drag(page: Page, name: string): Promise<{ drawn: number; long: number }> {
  const { x, y, width, height } = (await node(page, name).boundingBox())!;
  const [left, top] = [x + width / 2, y + height / 2];
  await page.mouse.move(left, top);
  await page.mouse.down();
  await page.evaluate(() => {
    const watched = { renderCounts: {}, longTasks: 0 };
    Object.assign(window, watched);
    new PerformanceObserver(list => {
      (window as unknown as typeof watched).longTasks += list.getEntries().length;
    }).observe({ type: 'longtask' });
  });
  for (let i = 1; i <= FRAMES; i++) {
    await page.mouse.move(left + 2 * i, top + i);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  const seen = await page.evaluate(() => {
    const { renderCounts, longTasks } = window as unknown as {
      renderCounts: Record<string, number>;
      longTasks: number;
    };
    return { drawn: renderCounts.node ?? 0, long: longTasks };
  });
  await page.mouse.up();
  const moved = (await node(page, name).boundingBox())!;
  expect(moved.x - x).toBeGreaterThan(FRAMES);
  return seen;
}

test('a node is dragged while a run trains, as smoothly as without it', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  const alone = await drag(page, 'conv1');
  await page.keyboard.press('Control+z');

  await train(page, 'Shapes with pooling 1');
  await expectPoints(page, 'Loss', 1);
  const before = await pointsOf(page, 'Loss');
  await goTo(page, 'Design');
  await expect(node(page, 'conv1')).toBeVisible();
  const training = await drag(page, 'conv1');
  test.info().annotations.push({
    type: 'long tasks',
    description: `${training.long} while training, ${alone.long} without, in ${FRAMES} frames`,
  });
  // A render a frame: what a run reports draws no node.
  expect(alone.drawn).toBeLessThanOrEqual(FRAMES + 10);
  expect(training.drawn).toBeLessThanOrEqual(FRAMES + 10);
  // Were the threads of the engine in the window's way, every frame would wait.
  expect(training.long).toBeLessThan(FRAMES / 2);
  await goTo(page, 'Train');
  await expectPoints(page, 'Loss', before);
  await stop(page);
});
