/** Drawing: the sample is there, layers come and go, shapes follow at once, and everything can be undone. */
import { expect, test } from './fixtures.ts';
import { edge, layerInPalette, node, status } from './gestures.ts';

test('a layer dropped on an edge is spliced in, and undo takes it back', async ({ studio }) => {
  const { page } = studio;
  await expect(edge(page, 'pool1', 'conv2')).toHaveText('16×16×16');
  await expect(edge(page, 'relu1', 'pool1')).toHaveText('16×32×32');

  await layerInPalette(page, 'Conv2d').dragTo(edge(page, 'relu1', 'pool1'));
  await expect(node(page, 'conv3')).toHaveAccessibleName('conv3, Conv2d, 32×32×32');
  await expect(edge(page, 'pool1', 'conv2')).toHaveText('32×16×16');
  await expect.poll(() => status(page)).toContain('Parameters 146 122');

  await page.keyboard.press('Control+z');
  await expect(node(page, 'conv3')).toHaveCount(0);
  await expect(edge(page, 'pool1', 'conv2')).toHaveText('16×16×16');
  await expect.poll(() => status(page)).toContain('Parameters 136 874');

  await page.keyboard.press('Control+Shift+z');
  await expect(node(page, 'conv3')).toBeVisible();
});

test('a wrong parameter is kept and explained, and the network says where it fails', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  const filters = page.getByRole('textbox', { name: 'Filters' });
  await filters.fill('many');
  await expect(filters).toHaveValue('many');
  await expect(page.getByText('A whole number is wanted.', { exact: true })).toBeVisible();
  await expect(node(page, 'conv2')).toHaveAccessibleName('conv2, Conv2d, no shape yet');
  await expect(page.getByRole('button', { name: '1 problem' })).toBeVisible();

  await filters.fill('48');
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('48×16×16');
  await filters.press('Enter');

  // Typing into one field was one gesture.
  await node(page, 'conv1').click();
  await page.keyboard.press('Control+z');
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('32×16×16');
});

test('a missing Flatten is named, and mended by its repair', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'flatten').click();
  await page.keyboard.press('Delete');
  await expect(node(page, 'fc1')).toHaveAccessibleName('fc1, Linear, no shape yet');

  await page.getByRole('button', { name: '1 problem' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Linear wants a vector/ })
    .click();
  const problems = page.getByRole('region', { name: 'Problems of this layer' });
  await expect(problems).toContainText('+131 786 parameters');
  await problems.getByRole('button', { name: 'Apply: Insert Flatten' }).click();
  await expect(node(page, 'fc1')).toHaveAccessibleName('fc1, Linear, 64');
  await expect.poll(() => status(page)).toContain('Parameters 136 874');
});

test('the stride that gives a wanted size is found, set by a click, and undone as one step', async ({
  studio,
}) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  await page.getByRole('button', { name: 'Solve for stride' }).click();
  const solver = page.getByRole('dialog', { name: 'Solve for stride' });
  await solver.getByLabel('Output height').fill('8');
  await solver.getByLabel('Output width').fill('8');
  await solver.getByRole('button', { name: /stride 2×2/ }).click();
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('32×8×8');
  await expect(solver).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('32×16×16');
});

test('an edge that cannot be drawn says why', async ({ studio }) => {
  const { page } = studio;
  const from = node(page, 'relu2').locator('.react-flow__handle.source');
  await from.dragTo(node(page, 'conv1').locator('.react-flow__handle.target'));
  await expect(page.getByText('That would close a cycle: data flows one way.')).toBeVisible();
});

test('the keyboard alone finds a layer, adds it, walks on and deletes it', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'pool2').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.getByRole('combobox', { name: 'Find a layer to add' }).fill('relu');
  await page.keyboard.press('Enter');
  await expect(node(page, 'relu4')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(node(page, 'flatten')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(node(page, 'relu4')).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(node(page, 'relu4')).toHaveCount(0);
  await expect(node(page, 'flatten')).toHaveAccessibleName('flatten, Flatten, 2048');
});

test('what was drawn is kept without being saved, and a project can come back after it was deleted', async ({
  studio,
}) => {
  const { page, host } = studio;
  await node(page, 'relu3').click();
  await page.keyboard.press('Delete');
  await expect(page.getByText('edited', { exact: true })).toBeVisible();
  await page.keyboard.press('Control+s');
  await expect(page.getByText('edited', { exact: true })).toHaveCount(0);
  if (host === 'web') {
    await page.reload();
    await expect(node(page, 'fc1')).toBeVisible();
    await expect(node(page, 'relu3')).toHaveCount(0);
  }

  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menuitem', { name: 'Delete this project' }).click();
  await expect(page.getByRole('button', { name: 'Project Shapes with strides: rename' })).toBeVisible();
  await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('button', { name: 'Project Shapes with pooling: rename' })).toBeVisible();
  await expect(node(page, 'fc1')).toBeVisible();
});
