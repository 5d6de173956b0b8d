/** Frames and comments: drawn, written, moved with what lies in them, deleted, undone, copied. */
import { expect, test } from './fixtures.ts';
import { node } from './gestures.ts';

test('a comment is written where the pointer is, in one step', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await page.mouse.move(300, 260);
  await page.keyboard.press('c');
  const text = page.getByRole('textbox', { name: 'Text of the comment' });
  await expect(text).toBeFocused();
  // None of these letters is a shortcut while they are typed.
  await page.keyboard.type('Bright blobs: look here, q.');
  await page.keyboard.press('Control+Enter');
  const comment = page.getByRole('group', { name: 'Comment Bright blobs: look here, q.' });
  await expect(comment).toBeVisible();
  const box = (await comment.boundingBox())!;
  expect([Math.abs(box.x - 300) < 3, Math.abs(box.y - 260) < 3]).toEqual([true, true]);

  await comment.dblclick();
  await text.fill('Dark blobs.');
  await node(page, 'conv1').click();
  await expect(page.getByRole('group', { name: 'Comment Dark blobs.' })).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(comment).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(comment).toHaveCount(0);
  await page.keyboard.press('Control+Shift+z');
  await expect(comment).toBeVisible();
});

test('a comment left without a word never was', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await page.mouse.move(300, 260);
  await page.keyboard.press('c');
  await expect(page.getByRole('textbox', { name: 'Text of the comment' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('group', { name: /^Comment/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Redo' })).toBeDisabled();
});

test('a frame around the selection is titled, moves what lies in it, and is copied with it', async ({
  studio,
}) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  await node(page, 'relu2').click({ modifiers: ['Shift'] });
  await page.keyboard.press('Shift+F');
  const title = page.getByRole('textbox', { name: 'Title of the frame' });
  await expect(title).toBeFocused();
  await page.keyboard.type('Second stage');
  await page.keyboard.press('Enter');
  const frame = page.getByRole('group', { name: 'Frame Second stage' });
  await expect(frame).toBeVisible();
  const around = (await frame.boundingBox())!;
  const inside = (await node(page, 'conv2').boundingBox())!;
  expect(around.x).toBeLessThan(inside.x);
  expect(around.y + around.height).toBeGreaterThan(inside.y + 2 * inside.height);

  const handle = (await page.getByText('Second stage').boundingBox())!;
  await page.mouse.move(handle.x + 20, handle.y + 8);
  await page.mouse.down();
  await page.mouse.move(handle.x + 220, handle.y + 8, { steps: 6 });
  await page.mouse.up();
  const moved = (await node(page, 'conv2').boundingBox())!;
  expect(moved.x - inside.x).toBeGreaterThan(150);
  expect((await frame.boundingBox())!.x - around.x).toBeCloseTo(moved.x - inside.x, 0);
  await page.keyboard.press('Control+z');
  expect((await node(page, 'conv2').boundingBox())!.x).toBeCloseTo(inside.x, 0);

  await page.getByText('Second stage').click();
  await page.keyboard.press('Control+d');
  await expect(frame).toHaveCount(2);
  await expect(node(page, 'conv3')).toBeVisible();

  // A frame goes alone; what lay in it stays.
  await page.keyboard.press('Control+z');
  await page.getByText('Second stage').click();
  await page.keyboard.press('Delete');
  await expect(frame).toHaveCount(0);
  await expect(node(page, 'conv2')).toBeVisible();
});

test('a frame is resized by its corner, in one step', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv2').click();
  await page.keyboard.press('Shift+F');
  await page.keyboard.type('Stage');
  await page.keyboard.press('Enter');
  const frame = page.getByRole('group', { name: 'Frame Stage' });
  const before = (await frame.boundingBox())!;
  const corner = (await page.locator('.frame-corner.bottom.right').boundingBox())!;
  await page.mouse.move(corner.x + 4, corner.y + 4);
  await page.mouse.down();
  await page.mouse.move(corner.x + 84, corner.y + 44, { steps: 6 });
  await page.mouse.up();
  const after = (await frame.boundingBox())!;
  expect(after.width - before.width).toBeGreaterThan(60);
  expect(after.height - before.height).toBeGreaterThan(25);
  await page.keyboard.press('Control+z');
  expect((await frame.boundingBox())!.width).toBeCloseTo(before.width, 0);
  await expect(frame).toBeVisible();
});

test('F2 renames a node, a frame, a comment where it stands', async ({ studio }) => {
  const { page } = studio;
  await node(page, 'conv1').click();
  await page.keyboard.press('F2');
  const name = page.getByRole('textbox', { name: 'New name of conv1' });
  await name.fill('relu1');
  await expect(page.getByRole('status').filter({ hasText: 'Another layer is called relu1.' })).toBeVisible();
  await name.fill('stem');
  await name.press('Enter');
  await expect(node(page, 'stem')).toBeVisible();
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'New name of stem' }).fill('other');
  await page.keyboard.press('Escape');
  await expect(node(page, 'stem')).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(node(page, 'conv1')).toBeVisible();
});
