/** Copying: the selection travels as text through the system's clipboard, into other projects and back. */
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { copyText, newProject, node } from './gestures.ts';

test('a copy lands under the pointer, wired as its originals were among themselves', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  await node(page, 'relu2').click({ modifiers: ['Shift'] });
  await page.keyboard.press('Control+c');
  await page.mouse.move(830, 300);
  await page.keyboard.press('Control+v');
  await expect(node(page, 'conv3')).toBeVisible();
  await expect(node(page, 'relu4')).toBeVisible();
  const box = (await node(page, 'conv3').boundingBox())!;
  const below = (await node(page, 'relu4').boundingBox())!;
  expect(Math.abs(box.x + box.width / 2 - 830)).toBeLessThan(3);
  expect(Math.abs((box.y + below.y + below.height) / 2 - 300)).toBeLessThan(3);
  // Nothing flows into the copy, so nothing flows out of it either.
  await expect(node(page, 'conv3')).toHaveAccessibleName('conv3, Conv2d, no shape yet');
  await expect(page.getByTestId(/^edge-/)).toHaveCount(11);
  await page.keyboard.press('Control+z');
  await expect(node(page, 'conv3')).toHaveCount(0);
  await expect(node(page, 'relu4')).toHaveCount(0);
});

test('with Shift a copy keeps what flowed into its original', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'relu2').click();
  await page.keyboard.press('Control+c');
  await page.mouse.move(830, 300);
  await page.keyboard.press('Control+Shift+v');
  await expect(node(page, 'relu4')).toHaveAccessibleName('relu4, ReLU, 32×16×16');
  await expect(node(page, 'pool2')).toHaveAccessibleName('pool2, MaxPool2d, 32×8×8');
});

test('what is cut leaves its chain whole, and comes back as itself, in another project too', async ({
  studio,
}) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  await page.keyboard.press('Control+x');
  await expect(node(page, 'conv2')).toHaveCount(0);
  await expect(page.getByTestId('edge-pool1-relu2')).toHaveText('16×16×16');

  await newProject(page);
  await expect(page.getByRole('heading', { name: 'Draw a network' })).toBeVisible();
  await page.mouse.move(700, 400);
  await page.keyboard.press('Control+v');
  await expect(node(page, 'conv2')).toBeVisible();
});

test('copies are text that an editor shows and a paste takes back', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'fc1').click();
  await page.keyboard.press('Control+c');
  const text = await pastedInto(page, page.getByRole('searchbox', { name: 'Find a layer' }));
  expect(JSON.parse(text)).toMatchObject({
    receptiveClip: 2,
    graph: { nodes: { fc1: { kind: 'Linear', params: { outFeatures: 64 } } } },
  });

  await copyText(page, text.replace('"outFeatures":64', '"outFeatures":77'));
  await node(page, 'flatten').click();
  await page.mouse.move(830, 300);
  await page.keyboard.press('Control+v');
  await node(page, 'linear1').click();
  await expect(page.getByRole('textbox', { name: 'Outputs' })).toHaveValue('77');
});

test('a text that is no part of a network is refused in words, and changes nothing', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv1').click();
  await copyText(page, 'Dear reader, this is no network.');
  await node(page, 'conv1').click();
  await page.keyboard.press('Control+v');
  await expect(page.getByText('What was pasted is no part of a network')).toBeVisible();
  await copyText(page, '{"receptiveClip": 2, "graph": {"nodes": 5, "edges": []}, "around": []}');
  await node(page, 'conv1').click();
  await page.keyboard.press('Control+v');
  await expect(page.getByText(/The pasted layers are wrong at graph\.nodes/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
});

test('duplicates lie beside, and Ctrl while dragging leaves the original where it is', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'pool1').click();
  const at = (await node(page, 'pool1').boundingBox())!;
  await page.keyboard.press('Control+d');
  await expect(node(page, 'maxpool1')).toBeVisible();
  const copy = (await node(page, 'maxpool1').boundingBox())!;
  expect(copy.y).toBeCloseTo(at.y, 0);
  expect(copy.x).toBeGreaterThan(at.x + at.width);

  const from = (await node(page, 'conv1').boundingBox())!;
  await page.mouse.move(from.x + 60, from.y + 20);
  await page.keyboard.down('Control');
  await page.mouse.down();
  await page.mouse.move(from.x - 100, from.y + 90, { steps: 6 });
  await page.mouse.up();
  await page.keyboard.up('Control');
  await expect(node(page, 'conv3')).toBeVisible();
  expect((await node(page, 'conv1').boundingBox())!.x).toBeCloseTo(from.x, 0);
});

/** What a person sees who pastes into a field. */
async function pastedInto(page: Page, field: Locator): Promise<string> {
  await field.focus();
  await page.keyboard.press('Control+v');
  const pasted = await field.inputValue();
  await field.fill('');
  return pasted;
}
