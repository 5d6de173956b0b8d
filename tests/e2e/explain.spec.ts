/** Explain: what a convolution does, seen by its numbers, on one's own network and image. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { expect, test } from './fixtures.ts';
import { goTo, node } from './gestures.ts';

const sum = (page: Page) => page.getByTestId('sum');

async function view(page: Page, title: string): Promise<void> {
  await goTo(page, 'Explain');
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: title }).click();
  await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
}

test('a kernel sweeps: two dice, the demo with its numbers, padding that mends, a flip, a transpose', async ({
  studio,
}) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await view(page, 'Sweep');

  await page.getByText('Two dice', { exact: true }).click();
  // f(1)g(3) + f(2)g(2) + f(3)g(1), three of thirty-six.
  await expect(page.getByText('(f ∗ g)(4) = f(1)·g(3) + f(2)·g(2) + f(3)·g(1)')).toBeVisible();
  await expect(sum(page)).toHaveText('0.0833');
  await page.getByRole('button', { name: /^Sum 7: 0\.1667/ }).click();
  await expect(sum(page)).toHaveText('0.1667');
  await page.getByLabel('First die, f').selectOption('loaded towards 6');
  await expect(sum(page)).toHaveText('0.1667');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByRole('button', { name: /^Sum 8: 0\.1500/ })).toBeVisible();

  await page.getByText('An image', { exact: true }).click();
  await expect(page.getByText('⌊(5 + 1 + 1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 3')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Channel 3', exact: true })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Output of filter 2' }).getByRole('button')).toHaveCount(9);
  const position = page.getByRole('group', { name: 'Position of the kernel' });
  await expect(position).toContainText('1 of 9');
  await position.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(position).toContainText('2 of 9');
  await position.getByRole('button', { name: 'Play' }).click();
  await expect(position).toContainText('4 of 9');
  await position.getByRole('button', { name: 'Pause' }).click();

  await page.getByLabel('Numbers').selectOption('A cross on a 7×7 image');
  await page.getByRole('button', { name: 'Output of filter 1, row 1, column 4: 4' }).click();
  await expect(page.getByText('1·1 + 0·0 + 0·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 1·1 = 4')).toBeVisible();
  await expect(sum(page)).toHaveText('4');
  await page.getByRole('textbox', { name: 'Kernel for channel 1, row 1, column 1' }).fill('-2');
  await page.keyboard.press('Enter');
  await expect(sum(page)).toHaveText('1');
  await page.getByLabel('Kernel is laid on').selectOption('flipped');
  await expect(sum(page)).toHaveText('1');
  await page.getByRole('button', { name: /^Output of filter 1, row 3, column 1: −2/ }).click();
  await expect(sum(page)).toHaveText('−2');

  await page.getByLabel('Numbers').selectOption('Stride 3 does not fit 7');
  await expect(page.getByText('A further step would go out of bounds by 1; the last 2 rows')).toBeVisible();
  await page.getByRole('button', { name: 'Pad 1 more at the end' }).click();
  await expect(page.getByText('A further step would go out of bounds')).toHaveCount(0);
  await expect(page.getByRole('table', { name: 'Output of filter 1' }).getByRole('button')).toHaveCount(9);
  await page.getByLabel('Kernel', { exact: true }).fill('7');
  await page.getByLabel('Padding').fill('0');
  await page.getByLabel('Dilation').fill('2');
  await expect(page.getByText('The kernel reaches over 13 pixels')).toBeVisible();

  await page.getByText('Transposed', { exact: true }).click();
  await expect(page.getByText('5×5 = (3 − 1) · 2 − 2 · 1 + 3')).toBeVisible();
  const spread = page.getByRole('table', { name: 'Output: all of them added' });
  await expect(spread.getByRole('row')).toHaveCount(5);

  await page.getByText('A layer of mine', { exact: true }).click();
  await expect(page.getByRole('img', { name: /^Input channel 3: 32×32/ })).toBeVisible();
  const map = page.getByRole('slider', { name: 'Output of filter 1: pick a place' });
  await map.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await expect(map).toHaveAttribute('aria-valuetext', /^row 2, column 2: /);
  await expect(page.getByRole('region', { name: 'The sum' })).toContainText('filter 1, row 2, column 2');

  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
});

/** A striped picture of its own, as a file. */
async function stripes(): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const pixels = Buffer.alloc(48 * 48 * 3, 0);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.floor(i / (48 * 3 * 8)) % 2 === 0 ? 250 : 5;
  const buffer = await sharp(pixels, { raw: { width: 48, height: 48, channels: 3 } })
    .png()
    .toBuffer();
  return { name: 'stripes.png', mimeType: 'image/png', buffer };
}

/** An image on the clipboard, pasted where the focus is. */
async function paste(page: Page, { name, mimeType, buffer }: Awaited<ReturnType<typeof stripes>>) {
  const given = { name, type: mimeType, bytes: buffer.toString('base64') };
  await page.evaluate(({ name, type, bytes }) => {
    const clipboardData = new DataTransfer();
    const values = Uint8Array.from(atob(bytes), letter => letter.charCodeAt(0));
    clipboardData.items.add(new File([values], name, { type }));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, given);
}

/** Files and folders from the desktop, dropped in the middle of the window. */
async function drop(page: Page, files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', {
      type,
      x: 640,
      y: 500,
      data: { items: [], files, dragOperationsMask: 1 },
    });
  await session.detach();
}

test('kernels on a bench and im2col with its figures; down-sampling side by side', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await view(page, 'Kernel bench');
  const broken = { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no image') };
  await page.getByLabel('Image file').setInputFiles(broken);
  await expect(page.getByRole('alert')).toHaveText('It is not an image, whatever its name says.');
  await paste(page, await stripes());
  await expect(page.getByText('stripes.png')).toBeVisible();
  const first = page.getByRole('listitem', { name: 'Step 1' });
  // Eight bright rows, eight dark ones: a top edge answers with three steps of brightness, up and down.
  await expect(
    first.getByRole('img', { name: /^Output of step 1, top edge: 160×160, from −\d\.\d+ to 2\.\d+/ }),
  ).toBeVisible();
  await first.getByRole('textbox', { name: 'Kernel 1, row 1, column 1' }).fill('0');
  await page.keyboard.press('Enter');
  await expect(first.getByLabel('Kernel of step 1')).toHaveValue('own');
  await page.getByRole('button', { name: 'Add a step' }).click();
  const second = page.getByRole('listitem', { name: 'Step 2' });
  await expect(second.getByRole('img', { name: /^Output of step 2, blur/ })).toBeVisible();
  const one = page.getByRole('listitem', { name: 'As one kernel' });
  await expect(one.getByRole('table', { name: 'One kernel' }).getByRole('cell')).toHaveCount(25);
  await first.getByLabel('ReLU after it').check();
  await expect(one).toContainText('no single kernel does the same');
  await first.getByLabel('ReLU after it').uncheck();
  await second.getByLabel('ReLU after it').check();
  await expect(
    second.getByRole('img', { name: /^Output of step 2, blur: 160×160, from 0 to/ }),
  ).toBeVisible();
  // The chain as layers: with exactly these numbers, in the code too, undone as one step, kept when it is opened again.
  await page.getByRole('button', { name: 'All steps to the canvas, frozen' }).click();
  await expect(node(page, 'conv3')).toContainText('g3 · own kernel');
  await expect(node(page, 'conv4')).toContainText('g3 · blur');
  await expect(node(page, 'relu4')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(node(page, 'conv3')).toHaveCount(0);
  await page.keyboard.press('Control+Shift+z');
  await node(page, 'conv3').click();
  await page.keyboard.press('Control+j');
  const code = page.getByRole('listbox', { name: 'PyTorch code' });
  await expect(code).toContainText(
    'conv3.weight.copy_(torch.tensor((0, -1, -1, 0, 0, 0, 1, 1, 1)).view(3, 3))',
  );
  await page.getByRole('textbox', { name: 'Row 2, column 2' }).fill('0.5');
  await page.keyboard.press('Enter');
  await expect(code).toContainText('torch.tensor((0, -1, -1, 0, 0.5, 0, 1, 1, 1))');
  await page.keyboard.press('Control+s');
  await page.reload();
  await expect(code).toContainText('torch.tensor((0, -1, -1, 0, 0.5, 0, 1, 1, 1))');
  await page.keyboard.press('Control+j');

  await view(page, 'Kernel bench');
  await first.getByLabel('Kernel of step 1').selectOption('left edge');
  await first.getByRole('button', { name: 'To the canvas, frozen' }).click();
  await expect(page.getByText('g3 · left edge')).toBeVisible();

  await view(page, 'im2col');
  const product = page.getByRole('list', { name: 'As one matrix product' });
  await expect(product).toContainText('96×363');
  await expect(product).toContainText('363×3025');
  await expect(product).toContainText('back to 55×55×96');
  const memory = page.getByRole('table', { name: 'Memory, as float32' });
  await expect(memory.getByRole('row', { name: /^Its windows as columns/ })).toContainText('4.19 MiB');
  await expect(memory.getByRole('row', { name: /^This engine instead/ })).toContainText('64 KiB');
  const numbers = page.getByRole('region', { name: 'With numbers' });
  const texts = async (name: string) => {
    const cells = numbers.getByRole('table', { name, exact: true }).getByRole('cell');
    await expect(cells.first()).toBeVisible();
    return cells.allTextContents();
  };
  const multiplied = await texts('Their product');
  expect(multiplied).toHaveLength(18);
  expect([...(await texts('Convolution, filter 1')), ...(await texts('Convolution, filter 2'))]).toEqual(
    multiplied,
  );

  await view(page, 'Down-sampling');
  await page.getByText('Two dots').click();
  await expect(page.getByText('The windows lie side by side: each pixel counts once.')).toBeVisible();
  await expect(page.getByRole('img', { name: /^Max pooling: 16×16/ })).toBeVisible();
  await page.getByLabel('Window', { exact: true }).fill('3');
  await expect(page.getByText('The windows overlap: each pixel counts in several.')).toBeVisible();
  await page.getByLabel('Stride', { exact: true }).fill('4');
  await expect(page.getByText(/The windows leave gaps: 44\s% of the pixels/)).toBeVisible();
  const invariance = page.getByRole('region', { name: 'Translation invariance' });
  await expect(invariance.getByRole('img', { name: /^Pooled 4×: 2×2/ })).toBeVisible();
  await expect(invariance.getByRole('img', { name: /^Change by a shift: as it is 1\.4/ })).toHaveAttribute(
    'data-points',
    '9',
  );
});

test('a trained network is looked into: maps, fields, why, crops in one pass, images of one’s own', async ({
  studio,
}) => {
  const { page, host, workspace } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await page.getByLabel('Epochs', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Start training' }).click();
  await expect(page.getByText('finished', { exact: true })).toBeVisible({ timeout: 120_000 });

  await view(page, 'Feature maps');
  await expect(page.getByText(/^Weights after \d+ steps\./)).toBeVisible();
  await expect(page.getByRole('img', { name: /^Channel 16 of conv1, mean/ })).toBeVisible();
  await page.getByLabel('Layer', { exact: true }).selectOption('relu2');
  await expect(page.getByRole('img', { name: /^Channel 32 of relu2.*% zero/ })).toBeVisible();
  await page.getByRole('button', { name: 'Next image' }).click();
  await page.getByLabel('Compare with').selectOption('seed');
  await expect(
    page.getByRole('region', { name: 'Compared with' }).getByText('Weights as training starts.'),
  ).toBeVisible();
  await expect(
    page.getByRole('region', { name: 'Compared with' }).getByRole('img', { name: /^Channel 32 of relu2/ }),
  ).toBeVisible();
  await page.getByLabel('Layer', { exact: true }).selectOption('conv1');
  await page.getByText('Filters', { exact: true }).click();
  await expect(page.getByRole('img', { name: /^Filter 16 of conv1/ }).first()).toBeVisible();

  await view(page, 'Receptive field');
  await page.getByLabel('Layer', { exact: true }).selectOption('conv2');
  await expect(page.getByText('8×8', { exact: true })).toBeVisible();
  await expect(
    page.getByRole('img', { name: /^The image; a frame from row 14, column 14, 8×8/ }),
  ).toBeVisible();
  const map = page.getByRole('slider', { name: 'Output of conv2: pick a place' });
  await map.focus();
  await page.keyboard.press('ArrowRight');
  await expect(
    page.getByRole('img', { name: /^The image; a frame from row 14, column 16, 8×8/ }),
  ).toBeVisible();

  await view(page, 'Why');
  const says = page.getByRole('list', { name: 'What the network says' });
  await expect(says.getByRole('button')).toHaveCount(5);
  await says.getByRole('button').nth(1).click();
  await expect(says.getByRole('button').nth(1)).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('img', { name: /^Grad-CAM for .*: 16×16/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Saliency for .*: 32×32/ })).toBeVisible();
  await page.getByRole('button', { name: 'Hide each place' }).click();
  await expect(page.getByRole('img', { name: /^By how much the probability of .*: 7×7/ })).toBeVisible();
  const noise = page.getByRole('region', { name: 'Adversarial noise' });
  await noise.getByRole('slider', { name: 'Strength of the noise' }).focus();
  await page.keyboard.press('End');
  await expect(noise.getByText('Strength 0.300')).toBeVisible();
  await expect(
    noise.getByText(/now: every pixel moved by 0\.300 at most|It still says the same/),
  ).toBeVisible();

  await view(page, 'Fully convolutional');
  await expect(page.getByLabel('Size of the image')).toHaveValue('55');
  await page.getByRole('button', { name: 'Slide over it' }).click();
  await expect(page.getByText('6×6 answers, 4 pixels apart')).toBeVisible();
  await expect(page.getByRole('table', { name: /by crops$/ }).getByRole('row')).toHaveCount(6);

  await view(page, 'Try it');
  await page
    .getByLabel('Image files')
    .setInputFiles([
      await stripes(),
      { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no image') },
    ]);
  await expect(
    page.getByRole('list', { name: 'What it says of stripes.png' }).getByRole('listitem'),
  ).toHaveCount(5);
  await expect(page.getByText('broken.png: It is not an image, whatever its name says.')).toBeVisible();
  const saysOf = (name: string) =>
    page.getByRole('list', { name: `What it says of ${name}` }).getByRole('listitem');
  const mine = join(workspace, 'mine');
  await mkdir(join(mine, 'deep'), { recursive: true });
  await writeFile(join(mine, 'deep', 'stripes.png'), (await stripes()).buffer);
  await writeFile(join(mine, 'notes.txt'), 'no image');
  await page.getByLabel('Folder of images').setInputFiles(mine);
  await expect(saysOf('mine/deep/stripes.png')).toHaveCount(5);
  await expect(page.getByText('Left out as no images: mine/notes.txt.')).toBeVisible();
  await paste(page, { ...(await stripes()), name: 'pasted.png' });
  await expect(saysOf('pasted.png')).toHaveCount(5);
  await expect(saysOf('mine/deep/stripes.png')).toHaveCount(0);
  if (host === 'web') {
    await drop(page, [mine]);
    await expect(saysOf('mine/deep/stripes.png')).toHaveCount(5);
    await drop(page, [join(mine, 'notes.txt')]);
    await expect(page.getByText('There was no image among these files.')).toBeVisible();
    await expect(saysOf('mine/deep/stripes.png')).toHaveCount(5);
  }
  // Other weights are asked about the same images.
  await page.getByLabel('Weights').selectOption('seed');
  await expect(saysOf(host === 'web' ? 'mine/deep/stripes.png' : 'pasted.png')).toHaveCount(5);
  await page.getByRole('button', { name: 'Look through the camera' }).click();
  await expect(
    page.getByRole('list', { name: 'What it says of the camera' }).getByRole('listitem'),
  ).toHaveCount(5);
  await page.getByRole('button', { name: 'Close the camera' }).click();
  await expect(page.getByLabel('What the camera sees')).toHaveCount(0);
  for (const title of [
    'Kernel bench',
    'im2col',
    'Feature maps',
    'Down-sampling',
    'Receptive field',
    'Why',
    'Try it',
  ]) {
    await view(page, title);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical'),
      title,
    ).toEqual([]);
  }
});

test('a residual network slides as well; what takes long says how far it is, and ends when it is cancelled', async ({
  studio,
}) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  const draw = async (network: string) => {
    await page.keyboard.press('Control+k');
    await page
      .getByRole('combobox', { name: 'Search layers, commands, runs' })
      .fill(`new from ${network.toLowerCase()}`);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'Commands' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: `Project ${network}: rename` })).toBeVisible();
  };
  await draw('ResNet-18');
  await view(page, 'Fully convolutional');
  await page.getByLabel('Image file').setInputFiles(await stripes());
  await page.getByLabel('Size of the image').fill('1024');
  await page.getByRole('button', { name: 'Slide over it' }).click();
  await expect(page.getByRole('status').getByText(/^[\d\s]+ of [\d\s]+$/)).toBeVisible({ timeout: 90_000 });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('alert').getByText('Cancelled.')).toBeVisible();

  await draw('ResNet-20');
  await view(page, 'Fully convolutional');
  await page.getByLabel('Image file').setInputFiles(await stripes());
  await page.getByLabel('Size of the image').fill('55');
  await page.getByRole('button', { name: 'Slide over it' }).click();
  await expect(page.getByText('7×7 answers, 4 pixels apart')).toBeVisible();
  await expect(page.getByRole('img', { name: /^Class activation map of .*: 14×14/ })).toBeVisible();
  await expect(page.getByText(/of 49$/)).toBeVisible();
  await expect(page.getByText('Some layers pad: a crop has zeros beyond its border')).toBeVisible();
});

test('a guided path through all of it, taken up where it was left; a layer’s menu; short runs side by side', async ({
  studio,
}) => {
  const { page } = studio;
  await node(page, 'conv2').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Explain' }).hover();
  await page.getByRole('menuitem', { name: 'Its receptive field' }).click();
  await expect(page.getByRole('heading', { name: 'Receptive field', level: 1 })).toBeVisible();
  await expect(page.getByLabel('Layer', { exact: true })).toHaveValue('conv2');

  await page.getByRole('button', { name: 'Guided path' }).click();
  const guide = page.getByRole('region', { name: 'Guided path' });
  const next = () => guide.getByRole('button', { name: /^(Next|Finish)$/ }).click();
  await expect(guide).toContainText('Stop 1 of 15');
  await expect(page.getByText('(f ∗ g)(4)')).toBeVisible();
  await next();
  await expect(page.getByLabel('Numbers')).toHaveValue('A cross on a 7×7 image');
  await next();
  await expect(page.getByText('A further step would go out of bounds')).toBeVisible();
  await page.reload();
  await goTo(page, 'Explain');
  await page.getByRole('button', { name: 'Go on at stop 3' }).click();
  await expect(guide).toContainText('Stop 3 of 15');
  const seen: string[] = [];
  for (let stop = 4; stop <= 15; stop++) {
    await next();
    await expect(guide).toContainText(`Stop ${stop} of 15`);
    seen.push((await page.getByRole('heading', { level: 1 }).textContent()) ?? '');
  }
  expect(new Set(seen).size).toBe(10);
  await next();
  await expect(guide).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Guided path' })).toBeVisible();

  await view(page, 'Regularisation');
  await page.getByLabel('BatchNorm').check();
  await page.getByLabel('Augmentation').uncheck();
  await page.getByLabel('Epochs').fill('2');
  await page.getByLabel('Training images').fill('64');
  await page.getByRole('button', { name: 'Train each of them' }).click();
  await expect(page.getByRole('button', { name: 'Train each of them' })).toBeVisible({ timeout: 120_000 });
  const outcome = page.getByRole('table', { name: 'How each ended' });
  for (const name of ['Nothing added', 'BatchNorm', 'Dropout'])
    await expect(outcome.getByRole('row', { name: new RegExp(`^${name} 2 `) })).toBeVisible();
  await expect(
    page.getByRole('img', { name: /^Validation loss: Nothing added \d.*BatchNorm \d/ }),
  ).toBeVisible();
  await page.getByLabel('Epochs').fill('200');
  await page.getByRole('button', { name: 'Train each of them' }).click();
  await expect(page.getByRole('progressbar', { name: 'Progress' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('Cancelled.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Train each of them' })).toBeVisible();
});
