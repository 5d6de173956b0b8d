/** Blocks by hand: made, named, repeated, entered and left, exposed, linked, taken apart, kept for other projects. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { node, status } from './gestures.ts';

/** Selects layers of the sample by clicking the first and adding the others. */
async function select(page: Page, ...names: string[]): Promise<void> {
  const [first, ...others] = names;
  await node(page, first!).click();
  for (const name of others) await node(page, name).click({ modifiers: ['Shift'] });
}

const inspector = (page: Page) => page.getByRole('complementary', { name: 'Inspector' });
const crumbs = (page: Page) => page.getByRole('navigation', { name: 'Blocks that are open' });
const parameters = async (page: Page) => /Parameters ([\d ]+?) ?MACs/.exec(await status(page))?.[1];

test('layers become a block that is repeated, entered, changed inside, and left; undo goes through all of it', async ({
  studio: { page },
}) => {
  await expect(node(page, 'conv2')).toBeVisible();
  const before = await parameters(page);
  await select(page, 'conv2', 'relu2');
  await page.keyboard.press('Control+g');
  const block = node(page, 'block1');
  await expect(block).toBeVisible();
  await expect(node(page, 'conv2')).toHaveCount(0);
  expect(await parameters(page)).toBe(before);

  await inspector(page).getByLabel('Name of the block').fill('Stage');
  await expect(block).toContainText('Stage');

  await block.click();
  await page.keyboard.press('Enter');
  await expect(crumbs(page)).toContainText('Stage');
  await expect(node(page, 'conv2')).toBeVisible();
  await node(page, 'conv2').click();
  const filters = inspector(page).getByLabel('Filters', { exact: true });
  const inner = Number(await filters.inputValue());
  await filters.fill(String(inner + 8));
  expect(await parameters(page)).not.toBe(before);
  await page.keyboard.press('Control+z');
  expect(await parameters(page)).toBe(before);
  // Out of the field, off the layer, out of the block.
  await page.keyboard.press('Escape');
  await expect(node(page, 'conv2')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(filters).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(crumbs(page)).toHaveCount(0);
  await expect(block).toBeVisible();

  await page.keyboard.press('Control+Shift+g');
  await expect(node(page, 'conv2')).toBeVisible();
  await expect(block).toHaveCount(0);
  expect(await parameters(page)).toBe(before);
  // Taking it apart, what was typed inside it and taken back, its name, and its making.
  for (let step = 0; step < 4; step++) await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
  await expect(node(page, 'conv2')).toBeVisible();
  await expect(node(page, 'block1')).toHaveCount(0);
});

test('a parameter is exposed, and each linked copy sets it for itself', async ({ studio: { page } }) => {
  await select(page, 'conv2', 'relu2');
  await page.keyboard.press('Control+g');
  await node(page, 'block1').dblclick();
  await node(page, 'conv2').click();
  await inspector(page).getByRole('button', { name: 'Expose filters' }).click();
  const name = page.getByLabel('Copies of Block 1 call it');
  await name.fill('1x');
  await expect(page.getByText('A letter first, then letters, digits and _.')).toBeVisible();
  await name.fill('width');
  await page.getByRole('button', { name: 'Expose', exact: true }).click();
  await crumbs(page).getByRole('button').first().click();

  await node(page, 'block1').click();
  await inspector(page).getByLabel('width', { exact: true }).fill('40');
  await expect(node(page, 'block1')).toContainText('width 40');
  const repeat = inspector(page).getByLabel('Repeat', { exact: true });
  await repeat.fill('2');
  await expect(node(page, 'block1')).toContainText('×2');

  await page.getByRole('region', { name: 'Blocks' }).getByRole('button', { name: 'Block 1' }).click();
  await expect(inspector(page)).toContainText('One of 2 linked copies');
  await inspector(page).getByRole('button', { name: 'Unlink' }).click();
  await expect(inspector(page)).toContainText('The only copy of this block.');
});

test('what cannot be a block says why; a mistake inside one is named, shown and mended', async ({
  studio: { page },
}) => {
  await select(page, 'conv1', 'conv2');
  await page.keyboard.press('Control+g');
  await expect(page.getByText(/A block ends in one place/)).toBeVisible();

  await select(page, 'conv2', 'relu2');
  await page.keyboard.press('Control+g');
  await node(page, 'block1').dblclick();
  await node(page, 'conv2').click();
  await inspector(page).getByRole('group', { name: 'Kernel' }).getByRole('textbox').first().fill('99');
  // As fast as fingers are: out of the field, off the layer, out of the block.
  for (let press = 0; press < 3; press++) await page.keyboard.press('Escape');
  await expect(crumbs(page)).toHaveCount(0);
  await expect(node(page, 'block1').locator('.layer')).toHaveAttribute('data-severity', 'error');
  // Off the block, to what is wrong of the whole network.
  await page.keyboard.press('Escape');
  await inspector(page)
    .getByText(/block1\.0\.conv2: .*kernel/i)
    .first()
    .click();
  await expect(crumbs(page)).toContainText('Block 1');
  await inspector(page)
    .getByRole('button', { name: /^Apply: / })
    .first()
    .click();
  await expect(node(page, 'conv2').locator('.layer')).not.toHaveAttribute('data-severity', 'error');
});

test('a block is kept in the library and taken into another project', async ({ studio: { page } }) => {
  await select(page, 'conv2', 'relu2');
  await page.keyboard.press('Control+g');
  await inspector(page).getByLabel('Name of the block').fill('Stage');
  await inspector(page).getByRole('button', { name: 'Keep in library' }).click();
  await expect(page.getByText(/Stage is in the library/)).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(/./).last().fill('New from LeNet');
  await page.keyboard.press('Enter');
  const library = page.getByRole('region', { name: 'Blocks' });
  await expect(library.getByTitle('Stage: in this project, 1 copy')).toHaveCount(0);
  const stage = library.getByRole('button', { name: 'Stage', exact: true });
  await stage.dragTo(page.getByRole('region', { name: 'Canvas' }), { targetPosition: { x: 120, y: 300 } });
  const dropped = node(page, 'block1');
  await expect(dropped).toContainText('Stage');
  const canvas = (await page.getByRole('region', { name: 'Canvas' }).boundingBox())!;
  const { x, y, width, height } = (await dropped.boundingBox())!;
  expect(Math.abs(x + width / 2 - canvas.x - 120)).toBeLessThan(2);
  expect(Math.abs(y + height / 2 - canvas.y - 300)).toBeLessThan(2);
  await page.keyboard.press('Control+z');
  await expect(dropped).toHaveCount(0);
  await stage.click();
  await expect(dropped).toContainText('Stage');
  await page.reload();
  await expect(library.getByRole('button', { name: 'Take Stage out of the library' })).toBeVisible();
});
