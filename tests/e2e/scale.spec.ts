/**
 * A thousand nodes: what a hand moves is drawn anew, and nothing else. Counted in renders, which are the same on
 * every machine, not in milliseconds.
 */
import type { Page } from '@playwright/test';
import { clipText } from '../../src/engine/graph/clipboardText.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import { expect, test } from './fixtures.ts';
import { copyText, newProject, node } from './gestures.ts';

const ROWS = 50;
const COUNT = 1000;

/** One long chain of convolutions and what follows each, folded into columns. */
function chain(): Graph {
  const ids = Array.from({ length: COUNT }, (_, i) => `n${i}`);
  const nodes = ids.map((id, i): [string, Graph['nodes'][string]] => [
    id,
    {
      kind: i === 0 ? 'Input' : i % 2 === 1 ? 'Conv2d' : 'ReLU',
      name: id,
      params: i === 0 ? { shape: [3, 32, 32] } : {},
      x: 240 * Math.floor(i / ROWS),
      y: 82 * (i % ROWS),
    },
  ]);
  const edges = ids.slice(1).map((target, i) => ({ source: ids[i]!, target, input: 0 }));
  return { nodes: Object.fromEntries(nodes), edges };
}

async function openThousand(page: Page): Promise<void> {
  await newProject(page);
  await expect(page.getByRole('heading', { name: 'Draw a network' })).toBeVisible();
  await copyText(page, clipText({ graph: chain(), around: [] }));
  await page.mouse.move(620, 400);
  await page.keyboard.press('Control+v');
  await page.keyboard.press('Escape');
  await page.keyboard.press('0');
  await expect(page.locator('.react-flow__node-layer')).toHaveCount(COUNT);
}

/** How many nodes and edges are drawn while something is done. */
async function drawnDuring(page: Page, act: () => Promise<void>): Promise<{ node: number; edge: number }> {
  // Whatever was under way before is not counted.
  await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 300)));
  await page.evaluate(() => {
    Object.assign(window, { renderCounts: {} });
  });
  await act();
  const counts = await page.evaluate(
    () => (window as { renderCounts?: Record<string, number> }).renderCounts ?? {},
  );
  return { node: counts.node ?? 0, edge: counts.edge ?? 0 };
}

const FRAMES = 20;

test('of a thousand nodes only the dragged one is drawn again, and panning and zooming draw none', async ({
  studio,
}) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await openThousand(page);
  const { x, y, width, height } = (await node(page, 'n525').boundingBox())!;
  const dragging = await drawnDuring(page, async () => {
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + 3, y + height / 2);
    await page.mouse.move(x + width / 2 + 60, y + height / 2 + 40, { steps: FRAMES });
    await page.mouse.up();
  });
  expect(dragging.node).toBeGreaterThan(5);
  // A render a frame, and a few where it is selected, taken hold of, and let go.
  expect(dragging.node).toBeLessThanOrEqual(FRAMES + 10);
  // Its two edges.
  expect(dragging.edge).toBeLessThanOrEqual(2 * (FRAMES + 10));

  const panning = await drawnDuring(page, async () => {
    await page.mouse.move(290, 60);
    await page.mouse.down();
    await page.mouse.move(296, 66, { steps: FRAMES });
    await page.mouse.up();
  });
  expect(panning).toEqual({ node: 0, edge: 0 });

  const zooming = await drawnDuring(page, async () => {
    await page.mouse.move(620, 400);
    for (let i = 0; i < 5; i++) await page.mouse.wheel(0, 10);
  });
  expect(zooming).toEqual({ node: 0, edge: 0 });
});

test('of a thousand nodes those that are changed are drawn again', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await openThousand(page);
  const selecting = await drawnDuring(page, async () => {
    await node(page, 'n525').click();
    await expect(page.getByRole('heading', { name: 'Conv2d' })).toBeVisible();
  });
  expect(selecting.node).toBeLessThanOrEqual(4);
  const { x, y } = (await node(page, 'n999').boundingBox())!;
  const adding = await drawnDuring(page, async () => {
    await page.mouse.move(x + 40, y + 5);
    await page.keyboard.press('c');
    await page.keyboard.type('The end.');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('group', { name: 'Comment The end.' })).toBeVisible();
  });
  expect(adding.node).toBeLessThanOrEqual(4);
});
