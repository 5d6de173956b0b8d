/** Without a mouse: LeNet from an empty canvas to a run that computes. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { node, status } from './gestures.ts';

/** Presses Tab until a control with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const id = element?.id;
      const label = id ? document.querySelector(`label[for="${CSS.escape(id)}"]`) : null;
      return element?.getAttribute('aria-label') ?? label?.textContent ?? element?.textContent ?? '';
    });
    if (focused.trim() === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`No Tab led to “${name}”.`);
}

/** Adds a layer after the one that has the focus. */
async function add(page: Page, kind: string): Promise<void> {
  await page.keyboard.press('Shift+A');
  await page.keyboard.type(kind);
  await page.keyboard.press('Enter');
}

/** Writes into fields of the new layer, in their order, and goes back to the canvas. */
async function set(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  await page.keyboard.press('Enter');
  for (const [field, value] of Object.entries(values)) {
    await tabTo(page, field);
    await page.keyboard.type(value);
  }
  await page.keyboard.press('Escape');
}

test('LeNet is drawn and trained by the keyboard alone', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('new project');
  await page.keyboard.press('Enter');
  // The images of the sample and an empty canvas are chosen already, once there are images.
  const dialog = page.getByRole('dialog', { name: 'New project' });
  await expect(dialog.getByRole('radio', { name: /^shapes/ })).toBeChecked();
  await tabTo(page, 'Name');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('LeNet by hand');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Project LeNet by hand: rename' })).toBeVisible();
  await expect(node(page, 'input')).toHaveAccessibleName('input, Input, 3×32×32');

  const filters = async (name: string, count: string, padding: string) => {
    await add(page, 'conv2d');
    await expect(node(page, name)).toBeFocused();
    await set(page, { Filters: count, 'Height and width': '5', 'All sides': padding });
    await expect(node(page, name)).toBeFocused();
  };
  const outputs = async (name: string, count: string) => {
    await add(page, 'linear');
    await expect(node(page, name)).toBeFocused();
    await set(page, { Outputs: count });
    await expect(node(page, name)).toBeFocused();
  };
  const plain = async (kind: string, name: string) => {
    await add(page, kind);
    await expect(node(page, name)).toBeFocused();
  };
  await filters('conv1', '6', '2');
  await plain('relu', 'relu1');
  await plain('maxpool', 'maxpool1');
  await filters('conv2', '16', '0');
  await plain('relu', 'relu2');
  await plain('maxpool', 'maxpool2');
  await plain('flatten', 'flatten1');
  await outputs('linear1', '120');
  await plain('relu', 'relu3');
  await outputs('linear2', '84');
  await plain('relu', 'relu4');
  await outputs('linear3', '10');
  // As many as the zoo's LeNet-5 has on these images.
  await expect.poll(() => status(page)).toContain('Parameters 83 126');

  // Long enough that it is still there when Tab has walked to Stop.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('go to train');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Epochs');
  await expect(page.getByRole('tooltip')).toContainText('How often each training image is seen');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('1000');
  await tabTo(page, 'Start training');
  await page.keyboard.press('Enter');
  const run = page.getByRole('region', { name: 'Run LeNet by hand 1', exact: true });
  await expect(run.getByText('running', { exact: true })).toBeVisible();
  await tabTo(page, 'Stop');
  await page.keyboard.press('Enter');
  await expect(run.getByText('stopped', { exact: true })).toBeVisible();
});
