/** Code both ways: the network as PyTorch and Keras while it is drawn, and the notes' networks pasted as text. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { BROKEN_CNN, CONV, SIMPLE_CNN } from '../formats/notes.ts';
import { expect, test } from './fixtures.ts';
import { expectPoints, goTo, node, stop, train } from './gestures.ts';

/** Puts a text on the clipboard, by way of the field itself, and pastes it there. */
async function paste(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Code to paste' }).fill(text);
  for (const keys of ['Control+a', 'Control+x', 'Control+v']) await page.keyboard.press(keys);
}

async function openPaste(page: Page): Promise<void> {
  await page.keyboard.press('Control+j');
  await page.getByText('Paste code', { exact: true }).click();
}

test('the code follows the network, and each leads to the other', async ({ studio: { page } }) => {
  await expect(node(page, 'conv1')).toBeVisible();
  await page.getByRole('contentinfo').getByRole('button', { name: 'Code' }).click();
  const code = page.getByRole('listbox', { name: 'PyTorch code' });
  await expect(code).toContainText('("conv1", nn.Conv2d(3, 16, kernel_size=3, padding=1)),');

  await node(page, 'conv1').click();
  await expect(code.getByRole('option', { selected: true })).toContainText('nn.Conv2d(3, 16');
  await page.getByRole('textbox', { name: 'Filters' }).fill('24');
  await expect(code).toContainText('("conv1", nn.Conv2d(3, 24, kernel_size=3, padding=1)),');
  await page.getByRole('textbox', { name: 'Filters' }).press('Enter');

  await code.getByRole('option', { name: /"fc1"/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Linear' })).toBeVisible();

  await page.getByText('Keras', { exact: true }).click();
  const keras = page.getByRole('listbox', { name: 'Keras code' });
  await expect(keras).toContainText('layers.Conv2D(24, 3, padding="same", name="conv1")');

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  const saved = await (await download).path();
  expect(await readFile(saved, 'utf8')).toContain('model = keras.Model(inputs, x)\n');

  // It is open and as high when the window comes again.
  const edge = page.getByRole('separator', { name: 'Height of the code panel' });
  await edge.focus();
  await page.keyboard.press('ArrowUp');
  const height = await edge.getAttribute('aria-valuenow');
  await page.reload();
  await expect(edge).toHaveAttribute('aria-valuenow', height!);
  await page.keyboard.press('Control+j');
  await expect(page.getByRole('region', { name: 'Code' })).toHaveCount(0);
});

test('broken_cnn of the notes is pasted, named as broken, mended, and trains', async ({
  studio: { page },
}) => {
  await expect(node(page, 'conv1')).toBeVisible();
  await openPaste(page);
  await paste(page, BROKEN_CNN);
  const findings = page.getByRole('region', { name: 'Code' }).getByRole('status');
  await expect(findings).toContainText('3 layers · 1×28×28 → 1×28×28 · 571 parameters');
  await expect(findings).toContainText('Line 2, column 43: A comma is missing');
  await expect(findings).toContainText('Line 3, column 5: PyTorch writes ReLU');
  await page.getByRole('button', { name: 'Replace the network' }).click();
  await expect(node(page, 'conv2')).toHaveAccessibleName('conv2, Conv2d, 1×28×28');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(node(page, 'conv2')).toHaveAccessibleName('conv2, Conv2d, 32×16×16');
  await expect(node(page, 'fc2')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect(node(page, 'conv2')).toHaveAccessibleName('conv2, Conv2d, 1×28×28');

  await node(page, 'conv2').click();
  const problems = page.getByRole('region', { name: 'Problems of this layer' });
  await expect(problems).toContainText('1×28×28');
  await expect(problems).toContainText('Add Flatten and Linear');
  await expect(problems).toContainText('Add global average pooling, Flatten and Linear');
  await problems
    .getByRole('button', { name: /^Apply: Add/ })
    .first()
    .click();
  await expect(node(page, 'linear1')).toBeVisible();
  await expect(page.locator('.status-problems[data-severity="error"]')).toHaveCount(0);

  // The sample's images are of another shape, and of as many classes as the repair guessed.
  await goTo(page, 'Train');
  await page.getByRole('button', { name: /^Apply: Set the Input to 3×32×32/ }).click();
  await train(page, 'Shapes with pooling 1');
  await expectPoints(page, 'Loss', 2);
  await stop(page);
});

test('a mistake is told at its character, where the caret stands after the paste', async ({
  studio: { page },
}) => {
  await expect(node(page, 'conv1')).toBeVisible();
  await openPaste(page);
  await paste(page, 'nn.Sequential(\n    nn.Conv2d(3, 8, 3),\n    nn.ReLUU(),\n)');
  const findings = page.getByRole('region', { name: 'Code' }).getByRole('status');
  await expect(findings).toContainText(
    'Line 3, column 8: There is no layer nn.ReLUU here. Did you mean ReLU?',
  );
  await expect(page.getByRole('button', { name: 'Replace the network' })).toBeDisabled();
  const field = page.getByRole('textbox', { name: 'Code to paste' });
  const caret = () => field.evaluate(element => (element as HTMLTextAreaElement).selectionStart);
  await expect.poll(caret).toBe('nn.Sequential(\n    nn.Conv2d(3, 8, 3),\n    nn.'.length);

  for (let i = 0; i < 5; i++) await page.keyboard.press('Delete');
  await page.keyboard.type('Tanh');
  await expect(findings).toContainText('2 layers · 3×32×32 → 8×30×30 · 224 parameters');
});

test('simple_cnn is added behind a layer with its function expanded, as one step of undo', async ({
  studio: { page },
}) => {
  await node(page, 'fc2').click();
  await openPaste(page);
  await paste(page, CONV + SIMPLE_CNN);
  await page.getByRole('button', { name: 'Add to the canvas' }).click();
  await expect(page.getByRole('group', { name: /^\w+, Conv2d/ })).toHaveCount(7);
  await expect(page.getByRole('group', { name: /, Input, / })).toHaveCount(1);
  await node(page, 'fc2').click();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('group', { name: /^\w+, Conv2d/ })).toHaveCount(2);
});
