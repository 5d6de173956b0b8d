/** Projects: a new one that trains at once, the zoo on an empty canvas, cards to open and delete, comparisons. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { goTo, node, start, status, stop, train } from './gestures.ts';

async function choose(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

test('a new project from a dataset and a network of the zoo trains with no further edit', async ({
  studio,
}) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await choose(page, 'New project…');
  const dialog = page.getByRole('dialog', { name: 'New project' });
  await expect(dialog.getByRole('radio', { name: /^shapes/ })).toBeChecked();
  // What does not fit is named, and cannot be chosen.
  await expect(
    dialog.getByRole('radio', { name: /AlexNet: Too deep for 32×32: it needs 63×63/ }),
  ).toBeDisabled();
  await dialog.getByText('LeNet-5', { exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Shapes by LeNet');
  await dialog.getByRole('button', { name: 'Create the project' }).click();
  await expect(page.getByRole('button', { name: 'Project Shapes by LeNet: rename' })).toBeVisible();
  await expect.poll(() => status(page)).toContain('Parameters 83 126');
  await train(page, 'Shapes by LeNet 1');
  await stop(page);
});

test('a new project from a network with other answers has their losses, and weights for its pixels', async ({
  studio,
}) => {
  const { page } = studio;
  const create = async (network: string) => {
    await choose(page, 'New project…');
    const dialog = page.getByRole('dialog', { name: 'New project' });
    await expect(dialog.getByRole('radio', { name: /^shapes/ })).toBeChecked();
    await dialog.getByText(network, { exact: true }).click();
    await dialog.getByRole('button', { name: 'Create the project' }).click();
    await expect(page.getByRole('button', { name: `Project ${network}: rename` })).toBeVisible();
    await goTo(page, 'Train');
    await expect(page.getByRole('region', { name: 'Problems' })).toContainText(
      'Network, settings and data fit each other.',
    );
  };
  await expect(node(page, 'conv1')).toBeVisible();
  await create('Localizer');
  await expect(page.getByRole('region', { name: 'Loss of the class' }).getByLabel('Kind')).toHaveValue(
    'CrossEntropyLoss',
  );
  await expect(page.getByRole('region', { name: 'Loss of the box' }).getByLabel('Kind')).toBeVisible();
  await train(page, 'Localizer 1');
  await stop(page);

  await goTo(page, 'Design');
  await create('U-Net');
  const loss = page.getByRole('region', { name: 'Loss of the mask' });
  await loss.getByRole('button', { name: 'Balance' }).click();
  // Most pixels are ground: what is rare counts more than it.
  const weights = loss.getByRole('textbox', { name: /^Weight of/ });
  await expect(weights.first()).not.toHaveValue('1');
  const values = (
    await weights.evaluateAll(inputs => inputs.map(each => (each as HTMLInputElement).value))
  ).map(Number);
  expect(values[0]).toBeLessThan(1);
  for (const value of values.slice(1)) expect(value).toBeGreaterThan(values[0]!);
});

test('a network that is asked for while the images of the sample are drawn is made for them', async ({
  studio: { page },
}) => {
  await expect(page.getByRole('navigation', { name: 'Places' })).toBeVisible();
  await expect(node(page, 'input')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('new from resnet-18');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Project ResNet-18: rename' })).toBeVisible();
  await expect(node(page, 'input')).toHaveAccessibleName('input, Input, 3×32×32');
  await goTo(page, 'Train');
  await expect(page.getByLabel('Dataset')).toHaveValue('shapes');
});

test('a new project can begin with a size alone', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await choose(page, 'New project…');
  const dialog = page.getByRole('dialog', { name: 'New project' });
  await dialog.getByText('A size, data later').click();
  await dialog.getByRole('textbox', { name: 'Channels' }).fill('1');
  await dialog.getByRole('textbox', { name: 'Height' }).fill('0');
  await expect(dialog.getByText('Whole numbers from 1 to 4096 are wanted.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Create the project' })).toBeDisabled();
  await dialog.getByRole('textbox', { name: 'Height' }).fill('28');
  await dialog.getByRole('textbox', { name: 'Width' }).fill('28');
  await dialog.getByRole('button', { name: 'Create the project' }).click();
  await expect(node(page, 'input')).toHaveAccessibleName('input, Input, 1×28×28');
});

test('an empty canvas offers the zoo, by search and by keyboard', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  // Its runs are to go on until they are stopped.
  await goTo(page, 'Train');
  await page.getByLabel('Epochs', { exact: true }).fill('1000');
  await goTo(page, 'Design');
  await expect(node(page, 'conv1')).toBeVisible();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  const gallery = page.getByRole('region', { name: 'Networks to start from' });
  // Made for the images that the project learns from.
  await expect(gallery.getByRole('button', { name: /^LeNet-5/ })).toContainText('83.1 k params');
  await expect(gallery.getByRole('button', { name: /^AlexNet/ })).toContainText('it needs 63×63 pixels');
  await gallery.getByRole('button', { name: /^LeNet-5/ }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(gallery.getByRole('button', { name: /^Small CNN/ })).toBeFocused();
  await gallery.getByRole('searchbox', { name: 'Find a network' }).fill('residual 20');
  // Paste code, Add an Input, and the one network.
  await expect(gallery.getByRole('button')).toHaveCount(3);
  await page.keyboard.press('Enter');
  await expect(node(page, 'conv1')).toBeVisible();
  await expect.poll(() => status(page)).toContain('Parameters 272 474');
  await page.keyboard.press('Control+z');
  await expect(gallery).toBeVisible();

  // Two answers, each with its loss: it trains at once. Both come and go in one step.
  await gallery.getByRole('button', { name: /^Localizer/ }).click();
  await expect(node(page, 'box_output')).toBeVisible();
  await start(page, 'Shapes with pooling 1');
  await stop(page);
  await goTo(page, 'Design');
  await page.keyboard.press('Control+z');
  await gallery.getByRole('button', { name: /^LeNet-5/ }).click();
  await expect(node(page, 'fc3')).toBeVisible();
  await start(page, 'Shapes with pooling 2');
  await stop(page);
});

test('every project has a card to open it, or to delete it with a way back', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await page.keyboard.press('Control+o');
  const dialog = page.getByRole('dialog', { name: 'Projects' });
  await expect(dialog.getByRole('button', { name: /^Shapes with pooling.*open/ })).toContainText('11 layers');
  await dialog.getByRole('button', { name: 'Delete Shapes with strides' }).click();
  await expect(dialog.getByRole('button', { name: /^Shapes with strides/ })).toHaveCount(0);
  await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
  await dialog.getByRole('button', { name: /^Shapes with strides/ }).click();
  await expect(page.getByRole('button', { name: 'Project Shapes with strides: rename' })).toBeVisible();
  await expect(node(page, 'head')).toBeVisible();
});

test('two networks are laid on one canvas: of projects, and of runs', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  await page.keyboard.press('Shift+F');
  await page.keyboard.type('Second stage');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search layers, commands, runs' }).fill('compare with strides');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Compare networks' });
  const differences = dialog.getByRole('complementary', { name: 'Differences' });
  await expect(differences).toContainText('+127 768');
  await expect(differences.getByRole('region', { name: 'Changed' })).toContainText('stride: 2, 2 → 1, 1');
  await expect(differences.getByRole('region', { name: 'Added' })).toContainText('pool1');
  await expect(differences.getByRole('region', { name: 'Removed' })).toContainText('head');
  await expect(dialog.locator('.layer[data-fate="added"]')).toHaveCount(4);
  await expect(dialog.locator('.layer[data-fate="removed"]')).toHaveCount(4);
  await expect(dialog.locator('.frame[data-fate="added"]')).toHaveText('Second stage');
  await dialog.getByRole('button', { name: 'Swap' }).click();
  await expect(differences).toContainText('−127 768');
  await expect(dialog.locator('.frame[data-fate="removed"]')).toHaveText('Second stage');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  await node(page, 'conv2').click();
  await node(page, 'relu2').click({ modifiers: ['Shift'] });
  await page.keyboard.press('Control+g');
  await expect(node(page, 'block1')).toBeVisible();
  await train(page, 'Shapes with pooling 1');
  await stop(page);
  await goTo(page, 'Design');
  await node(page, 'block1').dblclick();
  await node(page, 'conv2').click();
  await page.getByRole('textbox', { name: 'Filters' }).fill('16');
  await train(page, 'Shapes with pooling 2');
  await stop(page);
  await goTo(page, 'Runs');
  await page.getByLabel('Compare Shapes with pooling 1').check();
  await page.getByLabel('Compare Shapes with pooling 2').check();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Compare networks' }).click();
  const block = differences.getByRole('listitem').filter({ hasText: /^block1/ });
  await expect(block).toContainText('−2 320 parameters');
  await expect(block.getByRole('region', { name: 'Changed' })).toContainText('outChannels: 32 → 16');
});

test('nothing is lost that was drawn just before the studio is killed or the page reloaded', async ({
  studio,
}) => {
  const { page, host } = studio;
  await node(page, 'relu3').click();
  await page.keyboard.press('Delete');
  studio.killStudio();
  await expect(page.getByText('The studio process stopped; starting it again…')).toBeVisible();
  await expect(page.getByRole('status', { name: 'Studio' })).toHaveAttribute('data-state', 'ready');
  await expect(node(page, 'relu3')).toHaveCount(0);
  await page.keyboard.press('Control+s');
  await expect(page.getByText('edited', { exact: true })).toHaveCount(0);
  await expect(page).toHaveTitle('Shapes with pooling – Receptive');

  await node(page, 'pool2').click();
  await page.keyboard.press('Delete');
  await expect(page).toHaveTitle('• Shapes with pooling – Receptive');
  if (host === 'desktop') return;
  await node(page, 'relu2').click();
  await page.keyboard.press('Delete');
  // At once: the change has not been sent yet.
  await page.reload();
  await expect(node(page, 'conv2')).toBeVisible();
  for (const name of ['relu2', 'pool2', 'relu3']) await expect(node(page, name)).toHaveCount(0);
});
