/** A run of many classes: its confusion is a picture, and what is confused most is listed and opens its images. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect } from './fixtures.ts';
import { goTo } from './gestures.ts';

const CLASSES = 40;
const EACH = 10;
const SIDE = 16;
const main = join(import.meta.dirname, '../../src/main/cli/main.ts');

/** As the MNIST family is kept: a magic number, the extents, the bytes. */
function idx(extents: readonly number[], bytes: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * extents.length));
  head.setUint32(0, 0x0800 | extents.length);
  for (const [i, extent] of extents.entries()) head.setUint32(4 + 4 * i, extent);
  return Buffer.concat([new Uint8Array(head.buffer), bytes]);
}

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of this pattern.
  workspace: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'receptive-e2e-'));
    const workspace = join(folder, 'workspace');
    const count = CLASSES * EACH;
    const labels = Uint8Array.from({ length: count }, (_, i) => i % CLASSES);
    for (const [seed, part] of ['train', 't10k'].entries()) {
      const noise = { length: count * SIDE * SIDE };
      const pixels = Uint8Array.from(
        noise,
        (_, i) => (((i + seed * noise.length) * 2654435761) >>> 13) % 256,
      );
      await writeFile(join(folder, `${part}-images-idx3-ubyte`), idx([count, SIDE, SIDE], pixels));
      await writeFile(join(folder, `${part}-labels-idx1-ubyte`), idx([count], labels));
    }
    const receptive = (...args: string[]) =>
      promisify(execFile)(process.execPath, [main, ...args, '--workspace', workspace], { cwd: folder });
    await receptive('import', '.', '--name', 'noise');
    const size = ['--classes', `${CLASSES}`, '--input', `1x${SIDE}x${SIDE}`];
    await receptive('new', '--model', 'lenet', ...size, '-o', 'net.json');
    await receptive('train', 'net.json', '--data', 'noise', '--epochs', '1', '--name', 'guesses');
    await use(workspace);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },
});

test('forty classes are a picture; a pair of it opens its images', async ({ studio: { page } }) => {
  await goTo(page, 'Runs');
  await expect(page.getByRole('checkbox', { name: 'Compare guesses' })).toBeChecked();
  await page.getByRole('radiogroup', { name: 'View' }).getByText('Confusion', { exact: true }).click();
  const card = page.getByRole('region', { name: 'Confusion of guesses' });
  const picture = card.getByRole('img', { name: /^Confusion matrix, images .* 40 classes$/ });
  // Noise is guessed: hardly one of them rightly.
  const pairs = card.getByRole('list', { name: 'Most often confused' }).getByRole('button');
  await expect(pairs.first()).toHaveText(/^\d+ taken for \d+: \d+ of \d+ \(\d+\s%\)$/);
  const painted = await picture.evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((_, i) => i % 4 === 3 && data[i]! > 0).length;
  });
  expect(painted).toBeGreaterThanOrEqual(await pairs.count());

  const text = (await pairs.first().textContent())!;
  const [truth, answer, images] = text.match(/\d+/g)!.map(Number) as [number, number, number];
  await pairs.first().click();
  await expect(pairs.first()).toHaveAttribute('aria-pressed', 'true');
  const gallery = page.getByRole('region', { name: 'Images', exact: true }).getByRole('button');
  await expect(gallery).toHaveCount(images);

  // The same cell in the picture.
  await pairs.nth(1).click();
  await expect(pairs.first()).toHaveAttribute('aria-pressed', 'false');
  const { width } = (await picture.boundingBox())!;
  const middle = (place: number) => ((place + 0.5) * width) / CLASSES;
  await picture.click({ position: { x: middle(answer), y: middle(truth) } });
  await expect(pairs.first()).toHaveAttribute('aria-pressed', 'true');
});
