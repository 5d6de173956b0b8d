/** Edges: what a click, a drag and a menu do to them, and what they say when something cannot be. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { edge, node } from './gestures.ts';

const port = (page: Page, name: string, type: 'source' | 'target') =>
  node(page, name).locator(`.react-flow__handle.${type}`);

/** The middle of something, on the screen. */
async function middle(of: ReturnType<typeof node>): Promise<{ x: number; y: number }> {
  const { x, y, width, height } = (await of.boundingBox())!;
  return { x: x + width / 2, y: y + height / 2 };
}

test('a click on an edge offers to insert a layer and to delete it', async ({ studio }) => {
  const { page } = studio;
  await edge(page, 'conv1', 'relu1').getByRole('button').first().click();
  await page.getByRole('button', { name: 'Insert a layer here' }).click();
  const search = page.getByRole('combobox', { name: 'Find a layer to add' });
  await search.fill('batchnorm2d');
  await search.press('Enter');
  await expect(node(page, 'batchnorm1')).toHaveAccessibleName('batchnorm1, BatchNorm2d, 16×32×32');

  await edge(page, 'relu1', 'pool1').getByRole('button').first().click();
  await page.getByRole('button', { name: 'Delete this edge' }).click();
  await expect(edge(page, 'relu1', 'pool1')).toHaveCount(0);
  await expect(node(page, 'pool1')).toHaveAccessibleName('pool1, MaxPool2d, no shape yet');
  await page.keyboard.press('Control+z');
  await expect(edge(page, 'relu1', 'pool1')).toHaveText('16×32×32');
});

test('Delete heals a chain, with Shift it stays open', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'relu1').click();
  await page.keyboard.press('Delete');
  await expect(edge(page, 'conv1', 'pool1')).toHaveText('16×32×32');
  await page.keyboard.press('Control+z');
  await node(page, 'relu1').click();
  await page.keyboard.press('Shift+Delete');
  await expect(node(page, 'relu1')).toHaveCount(0);
  await expect(edge(page, 'conv1', 'pool1')).toHaveCount(0);
});

test('an edge dragged into the empty offers what fits, what was chosen last first', async ({ studio }) => {
  const { page } = studio;
  const choices = page.getByRole('listbox', { name: 'Layers' }).getByRole('option');
  const pullFrom = async (name: string) => {
    const from = await middle(port(page, name, 'source'));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 190, from.y + 30, { steps: 5 });
    await page.mouse.up();
  };
  await pullFrom('relu1');
  await expect(choices.filter({ hasText: 'Linear' })).toHaveCount(0);
  await page.getByRole('combobox').fill('avgpool');
  await page.keyboard.press('Enter');
  await expect(node(page, 'avgpool1')).toHaveAccessibleName('avgpool1, AvgPool2d, 16×16×16');

  await pullFrom('pool2');
  await expect(choices.first()).toContainText('AvgPool2d');
  await page.keyboard.press('Escape');
  // Out of Flatten comes a vector.
  await pullFrom('flatten');
  await expect(choices.filter({ hasText: 'AvgPool2d' })).toHaveCount(0);
  await expect(choices.filter({ hasText: /^Linear/ })).toHaveCount(1);
});

test('several layers are added one after the other without leaving the search', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'fc2').click();
  await page.keyboard.press('Shift+A');
  const search = page.getByRole('combobox', { name: 'Find a layer to add' });
  await search.fill('leaky');
  await search.press('Shift+Enter');
  await search.fill('dropout');
  await search.press('Enter');
  await expect(search).toHaveCount(0);
  await expect(node(page, 'dropout1')).toHaveAccessibleName('dropout1, Dropout, 10');
  const [above, below] = [await middle(node(page, 'leakyrelu1')), await middle(node(page, 'dropout1'))];
  expect(below.y).toBeGreaterThan(above.y);
});

test('edges of all selected nodes are led into one merge at a time', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv1').click();
  await node(page, 'relu1').click({ modifiers: ['Shift'] });
  const from = await middle(port(page, 'relu1', 'source'));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 190, from.y + 30, { steps: 5 });
  await page.mouse.up();
  const choices = page.getByRole('listbox', { name: 'Layers' }).getByRole('option');
  await expect(choices.filter({ hasText: 'Conv2d' })).toHaveCount(0);
  await page.getByRole('combobox').fill('add');
  await page.keyboard.press('Enter');
  await expect(node(page, 'add1')).toHaveAccessibleName('add1, Add, 16×32×32');
  await page.keyboard.press('Control+z');
  await expect(node(page, 'add1')).toHaveCount(0);
});

test('an end of the selected edge is led to another port, or into the void', async ({ studio }) => {
  const { page } = studio;
  const pull = async (end: 'source' | 'target', to: { x: number; y: number }) => {
    const from = await middle(page.getByTestId(`grip-${end}`));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 5 });
  };
  await edge(page, 'relu1', 'pool1').getByRole('button').first().click();
  await pull('source', await middle(node(page, 'conv1')));
  await page.mouse.up();
  await expect(edge(page, 'conv1', 'pool1')).toHaveText('16×32×32');
  await expect(edge(page, 'relu1', 'pool1')).toHaveCount(0);

  // It is still selected; over a port that cannot be, it says why, and stays.
  await pull('source', await middle(node(page, 'relu2')));
  await expect(page.getByText('That would close a cycle: data flows one way.')).toBeVisible();
  await page.mouse.up();
  await expect(edge(page, 'conv1', 'pool1')).toBeVisible();

  await pull('target', { x: 800, y: 500 });
  await page.mouse.up();
  await expect(edge(page, 'conv1', 'pool1')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await expect(edge(page, 'relu1', 'pool1')).toBeVisible();
});

test('ports that can take an edge light up, and over another it says why not', async ({ studio }) => {
  const { page } = studio;
  const from = await middle(port(page, 'relu2', 'source'));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 40, from.y + 10, { steps: 3 });
  await expect(port(page, 'fc1', 'target')).toHaveClass(/receives/);
  await expect(port(page, 'conv1', 'target')).not.toHaveClass(/receives/);
  const wrong = await middle(port(page, 'conv1', 'target'));
  await page.mouse.move(wrong.x, wrong.y, { steps: 5 });
  await expect(page.getByText('That would close a cycle: data flows one way.')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await expect(port(page, 'fc1', 'target')).not.toHaveClass(/receives/);
});
