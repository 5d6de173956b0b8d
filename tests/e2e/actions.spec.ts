/** One list of actions: the same from keys, menus, the command palette, and the sheet that lets keys be changed. */
import { expect, test } from './fixtures.ts';
import { edge, goTo, node } from './gestures.ts';

test('the menu of a node, an edge and the canvas offers what keys do, and names the keys', async ({
  studio,
}) => {
  const { page } = studio;
  const menu = page.getByRole('menu');
  await node(page, 'relu1').click({ button: 'right' });
  await expect(menu.getByRole('menuitem', { name: 'Bypass, or no longer' })).toContainText('B');
  await expect(menu.getByRole('menuitem', { name: 'Duplicate' })).toContainText('Ctrl+D');
  await menu.getByRole('menuitem', { name: 'Duplicate' }).click();
  await expect(node(page, 'relu4')).toBeVisible();

  await edge(page, 'conv1', 'relu1').getByRole('button').first().click({ button: 'right' });
  await menu.getByRole('menuitem', { name: 'Delete' }).first().click();
  await expect(edge(page, 'conv1', 'relu1')).toHaveCount(0);
  await page.keyboard.press('Control+z');

  await page.mouse.click(320, 300, { button: 'right' });
  await expect(menu.getByRole('menuitem', { name: /^Copy/ })).toHaveCount(0);
  await menu.getByRole('menuitem', { name: /^Comment/ }).click();
  await page.keyboard.type('Here.');
  await page.keyboard.press('Control+Enter');
  const comment = (await page.getByRole('group', { name: 'Comment Here.' }).boundingBox())!;
  expect(Math.abs(comment.x - 320)).toBeLessThan(3);
});

test('copying and pasting from the menu goes through the same clipboard', async ({ studio }) => {
  const { page, host } = studio;
  test.skip(
    host === 'desktop',
    'The desktop host grants no window the clipboard; the menu says which keys do.',
  );
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await node(page, 'fc1').click({ button: 'right' });
  await page.getByRole('menuitem', { name: /^Copy/ }).click();
  await page.mouse.click(830, 300, { button: 'right' });
  await page.getByRole('menuitem', { name: 'Paste with its connections' }).click();
  await expect(node(page, 'linear1')).toHaveAccessibleName('linear1, Linear, 64');
});

test('the command palette has every action with its keys', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  await page.keyboard.press('Control+k');
  const commands = page.getByRole('listbox', { name: 'Commands' });
  await page.keyboard.type('lay out');
  await expect(commands.getByRole('option', { name: /Lay out/ })).toContainText('L');
  await page.getByRole('combobox', { name: 'Search layers, commands, runs' }).fill('bypass');
  await page.keyboard.press('Enter');
  await expect(node(page, 'conv2')).toHaveAccessibleName('conv2, Conv2d, 16×16×16, bypassed');

  // What the canvas alone can do is not offered elsewhere.
  await goTo(page, 'Runs');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('bypass');
  await expect(page.getByText('Nothing is called “bypass”.')).toBeVisible();
});

test('keys are shown by ?, changed by pressing others, and a conflict is named', async ({ studio }) => {
  const { page, host } = studio;
  await node(page, 'relu1').click();
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Shortcuts' });
  await sheet.getByRole('button', { name: 'Bypass, or no longer: B' }).click();
  await page.keyboard.press('l');
  await expect(sheet.getByRole('alert')).toContainText('L already means “Lay out”.');
  await sheet.getByRole('button', { name: 'Cancel' }).click();
  await sheet.getByRole('button', { name: 'Bypass, or no longer: B' }).click();
  await page.keyboard.press('Control+b');
  await expect(sheet.getByRole('button', { name: 'Bypass, or no longer: Ctrl+B' })).toBeVisible();
  await sheet.getByRole('button', { name: 'Undo: Ctrl+Z' }).click();
  await page.keyboard.press('Control+u');
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
  // Labels say the keys that were given.
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveAttribute('title', 'Undo (Ctrl+U)');

  await page.keyboard.press('b');
  await expect(node(page, 'relu1')).toHaveAccessibleName('relu1, ReLU, 16×32×32');
  await page.keyboard.press('Control+b');
  await expect(node(page, 'relu1')).toHaveAccessibleName('relu1, ReLU, 16×32×32, bypassed');

  if (host === 'web') {
    await page.keyboard.press('Control+s');
    await expect(page.getByText('edited', { exact: true })).toHaveCount(0);
    await page.reload();
    await expect(node(page, 'relu1')).toHaveAccessibleName('relu1, ReLU, 16×32×32, bypassed');
  }
  await page.keyboard.press('?');
  await sheet.getByRole('button', { name: 'Reset the keys of Bypass, or no longer' }).click();
  await expect(sheet.getByRole('button', { name: 'Bypass, or no longer: B' })).toBeVisible();
});

test('keys taken from an action are given to another, and clipboard keys too', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'relu1').click();
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Shortcuts' });
  await sheet.getByRole('button', { name: 'Bypass, or no longer: B' }).click();
  await page.keyboard.press('Control+x');
  await sheet.getByRole('button', { name: 'Use it here instead' }).click();
  await expect(sheet.getByRole('button', { name: 'Cut: no keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+x');
  await expect(node(page, 'relu1')).toHaveAccessibleName('relu1, ReLU, 16×32×32, bypassed');
  await page.keyboard.press('?');
  await sheet.getByRole('button', { name: 'Reset all' }).click();
  await expect(sheet.getByRole('button', { name: 'Cut: Ctrl+X' })).toBeVisible();
});

test('no key does anything while a person types', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv1').click();
  await page.getByRole('searchbox', { name: 'Find a layer' }).focus();
  await page.keyboard.type('bqlcf01.?+-');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Shift+F');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('group', { name: /^(Comment|Frame)/ })).toHaveCount(0);
  await expect(node(page, 'conv1')).toHaveAccessibleName('conv1, Conv2d, 16×32×32');
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
});
