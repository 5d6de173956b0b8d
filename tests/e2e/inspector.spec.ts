/** The inspector: one node, several at once, what is refused, and what the solver and the conversion offer. */
import { expect, test } from './fixtures.ts';
import { edge, node, status } from './gestures.ts';

test('several layers are one form: mixed values show as such, one edit sets all and is one step', async ({
  studio,
}) => {
  const { page } = studio;
  await node(page, 'conv1').click();
  await node(page, 'conv2').click({ modifiers: ['Shift'] });
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector.getByRole('heading', { name: '2 layers' })).toBeVisible();
  await expect(inspector.getByRole('region', { name: 'Together' })).toContainText('5 088');
  const filters = inspector.getByRole('textbox', { name: 'Filters' });
  await expect(filters).toHaveValue('');
  await expect(filters).toHaveAttribute('placeholder', 'mixed');

  await filters.fill('24');
  await expect(edge(page, 'conv1', 'relu1')).toHaveText('24×32×32');
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('24×16×16');

  // What cannot be is kept in both, and explained.
  await filters.fill('many');
  await expect(filters).toHaveValue('many');
  await expect(inspector.getByText('A whole number is wanted.', { exact: true })).toBeVisible();
  await expect(inspector.getByRole('heading', { name: '2 problems' })).toBeVisible();
  await filters.press('Enter');
  await node(page, 'relu1').click();
  await node(page, 'conv1').click();
  await expect(inspector.getByRole('textbox', { name: 'Filters' })).toHaveValue('many');

  await node(page, 'relu1').click();
  await page.keyboard.press('Control+z');
  await expect(edge(page, 'conv1', 'relu1')).toHaveText('16×32×32');
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('32×16×16');
});

test('a layer is frozen by hand: its weights are not trained', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'fc1').click();
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  const frozen = inspector.getByRole('switch', { name: 'Frozen' });
  await expect(frozen).not.toBeChecked();
  await frozen.click({ force: true });
  await expect(frozen).toBeChecked();
  await page.keyboard.press('Control+z');
  await expect(frozen).not.toBeChecked();
});

test('a square kernel is one number, a rectangular one two', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  const kernel = page.getByRole('group', { name: 'Kernel' });
  await kernel.getByRole('textbox', { name: 'Height and width' }).fill('5');
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('32×14×14');
  await kernel.getByRole('button', { name: 'One number for both' }).click();
  await kernel.getByRole('textbox', { name: 'Width' }).fill('3');
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('32×14×16');
  await page.getByRole('button', { name: 'Pad so that stride 1 keeps the size' }).click();
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('32×16×16');
});

test('a name that PyTorch would refuse waits in its field while other layers are looked at', async ({
  studio,
}) => {
  const { page } = studio;
  await node(page, 'conv1').click();
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('1st conv');
  await expect(page.getByText('A letter first, then letters, digits and _.')).toBeVisible();
  await node(page, 'conv2').click();
  await expect(name).toHaveValue('conv2');
  await node(page, 'conv1').click();
  await expect(name).toHaveValue('1st conv');
  await name.fill('first');
  await expect(node(page, 'first')).toBeVisible();
});

test('the size of the images is solved for through the network', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'input').click();
  await page.getByRole('button', { name: 'Solve for the shape of the images' }).click();
  const solver = page.getByRole('dialog', { name: 'Solve for the shape of the images' });
  await solver.getByLabel('Which images give, at').selectOption('pool2');
  await solver.getByLabel('Output height').fill('7');
  await solver.getByLabel('Output width').fill('7');
  await solver.getByRole('button', { name: /^3×28×28/ }).click();
  await expect(edge(page, 'pool2', 'flatten')).toHaveText('32×7×7');
  await page.keyboard.press('Control+z');
  await expect(edge(page, 'pool2', 'flatten')).toHaveText('32×8×8');
});

test('Linear becomes the convolution that computes the same, and one undo takes it back', async ({
  studio,
}) => {
  const { page } = studio;
  await node(page, 'fc1').click();
  const conversion = page.getByRole('region', { name: 'As Conv2d' });
  await expect(conversion).toContainText('fc1: 64×2048 → 64×32×8×8');
  await expect(conversion).toContainText('±0 parameters');
  await conversion.getByRole('button', { name: 'Convert 2 layers' }).click();
  await expect(node(page, 'fc1')).toHaveAccessibleName('fc1, Conv2d, 64×1×1');
  await expect(node(page, 'fc2')).toHaveAccessibleName('fc2, Conv2d, 10×1×1');
  await expect.poll(() => status(page)).toContain('Parameters 136 874');
  await page.keyboard.press('Control+z');
  await expect(node(page, 'fc1')).toHaveAccessibleName('fc1, Linear, 64');
});

test('every kind in the palette shows its picture and its formula', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  const palette = page.getByRole('complementary', { name: 'Layers' });
  const items = palette.locator('.palette-item');
  const kinds = await items.allTextContents();
  expect(kinds.length).toBeGreaterThan(35);
  for (const kind of kinds) {
    await palette.getByRole('button', { name: kind, exact: true }).focus();
    const card = page.getByRole('tooltip').filter({ has: page.getByText(kind, { exact: true }) });
    await expect(card.getByRole('img', { name: new RegExp(`^${kind}: `) })).toBeVisible();
    await expect(card.locator('.kind-formula')).not.toBeEmpty();
  }
});

test('a figure is laid over the canvas as numbers and heat', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  const choose = (name: string) =>
    page
      .getByRole('contentinfo')
      .getByRole('radiogroup', { name: 'Shown over the canvas' })
      .getByText(name, { exact: true })
      .click();
  const heat = (name: string) => node(page, name).locator('.layer');
  await expect(page.getByRole('region', { name: 'Scale of the heat' })).toHaveCount(0);

  await choose('MACs');
  const legend = page.getByRole('region', { name: 'Scale of the heat' });
  await expect(legend).toContainText('MACs for one image · logarithmic');
  await expect(heat('conv2')).toHaveAttribute('data-heat', '1.00');
  await expect(heat('relu1')).not.toHaveAttribute('data-heat');
  await expect(edge(page, 'conv1', 'relu1')).toHaveText('16×32×32');

  await choose('Memory');
  await expect(legend).toContainText('Activations, batch 64');
  await expect(edge(page, 'conv1', 'relu1')).toHaveText(/^4\s?MiB$/);

  await choose('Field');
  await expect(edge(page, 'conv2', 'relu2')).toHaveText('8×8');
  await expect(edge(page, 'fc1', 'relu3')).toHaveText('all');
});
