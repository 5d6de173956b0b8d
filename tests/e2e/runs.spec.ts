/** The Runs place: from two settings to the better one restored and continued; and a sweep, seen as a whole. */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { finished, goTo, node } from './gestures.ts';

const runsTable = (page: Page) => page.getByRole('table', { name: 'Runs' });
const rows = (page: Page) => runsTable(page).getByRole('checkbox', { name: /^Compare (?!all)/ });
const compare = (page: Page, name: string) =>
  page.getByRole('checkbox', { name: `Compare ${name}`, exact: true });

async function act(page: Page, action: string): Promise<void> {
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

async function view(page: Page, name: string): Promise<void> {
  await page.getByRole('radiogroup', { name: 'View' }).getByText(name, { exact: true }).click();
}

async function pickColumn(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByLabel('Find a column').fill(title);
  await page.getByRole('checkbox', { name: title, exact: true }).check();
  await page.keyboard.press('Escape');
}

test('two settings are compared; the better is restored, continued and reported', async ({
  studio,
  browser,
}, info) => {
  // Several trainings, one after the other.
  test.slow();
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await page.getByLabel('Epochs', { exact: true }).fill('1');
  for (const [i, rate] of ['0.0001', '0.03'].entries()) {
    await page.getByLabel('Learning rate', { exact: true }).fill(rate);
    await page.getByRole('button', { name: 'Start training' }).click();
    await finished(page, `Shapes with pooling ${i + 1}`);
  }
  await goTo(page, 'Runs');
  const [worse, better] = ['Shapes with pooling 1', 'Shapes with pooling 2'];
  await expect(rows(page)).toHaveCount(2);

  // What differs, found by the eye and by the filter.
  await page.getByRole('radiogroup', { name: 'Columns of settings' }).getByText('Differing').click();
  await expect(runsTable(page).getByRole('columnheader', { name: 'lr', exact: true })).toBeVisible();
  const filter = page.getByLabel('Filter runs');
  await filter.fill('lr < 0.01');
  await expect(rows(page)).toHaveCount(1);
  await filter.fill('lr < ');
  await expect(page.getByText('A value is missing after <.')).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await filter.fill('');
  await expect(rows(page)).toHaveCount(2);

  // Held against the worse, the better is better by a figure and by a test.
  await compare(page, better).uncheck();
  await act(page, 'Pin as the baseline');
  await expect(runsTable(page).getByRole('row', { name: new RegExp(better) })).toContainText(/\+0\.\d{4}/);
  await compare(page, better).check();
  await view(page, 'Is it better?');
  await page.getByLabel('Is', { exact: true }).selectOption(better);
  await page.getByLabel('better than').selectOption(worse);
  await expect(page.getByText(`Yes: ${better} is better.`)).toBeVisible();

  // A cell of the confusion opens its images, and an image leads to where it lies.
  await view(page, 'Confusion');
  const matrix = page.getByRole('region', { name: `Confusion of ${better}` });
  const cell = matrix.getByRole('button', { name: /taken for/ }).first();
  await cell.click();
  await expect(cell).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('region', { name: 'Images', exact: true }).getByRole('button').first().click();
  await expect(
    page.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: 'Data' }),
  ).toHaveAttribute('aria-current', 'page');
  await goTo(page, 'Runs');

  await compare(page, worse).uncheck();
  await act(page, 'Continue with more epochs…');
  await page.getByLabel('Epochs in all').fill('2');
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await pickColumn(page, 'Epochs');
  await expect(runsTable(page).getByRole('row', { name: new RegExp(`${better}.*finished`) })).toContainText(
    '2',
    {
      timeout: 60_000,
    },
  );
  await expect(
    page.getByRole('row', { name: new RegExp(better) }).locator('[data-column="epoch"]'),
  ).toHaveText('2', {
    timeout: 60_000,
  });

  await act(page, 'Notes and tags…');
  await page.getByRole('textbox', { name: 'Notes' }).fill('kept for the paper');
  await page.getByRole('combobox', { name: 'Tags' }).fill('best');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Keep' }).click();
  await filter.fill('tag:best');
  await expect(rows(page)).toHaveCount(1);

  const download = page.waitForEvent('download');
  await act(page, 'Export…');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const path = info.outputPath('report.html');
  await (await download).saveAs(path);
  expect(await readFile(path, 'utf8')).not.toContain('<script');
  const alone = await browser.newContext({ javaScriptEnabled: false });
  const report = await alone.newPage();
  const asked: string[] = [];
  report.on('request', request => asked.push(request.url()));
  await report.goto(pathToFileURL(path).href);
  await expect(report.getByRole('heading', { name: better }).first()).toBeVisible();
  await expect(report.getByRole('img', { name: 'Validation accuracy by epoch' })).toBeVisible();
  await expect(report.getByText('kept for the paper')).toBeVisible();
  expect(asked).toEqual([pathToFileURL(path).href]);
  await alone.close();

  await act(page, 'Delete');
  await expect(rows(page)).toHaveCount(0);
  await page.getByText('1 run deleted.').locator('..').getByRole('button', { name: 'Undo' }).click();
  await expect(rows(page)).toHaveCount(1);
  await page.reload();
  await goTo(page, 'Runs');
  await expect(runsTable(page).getByRole('columnheader', { name: 'Epochs', exact: true })).toBeVisible();
  await compare(page, worse).uncheck();
  await page.getByRole('button', { name: 'Restore to canvas' }).click();
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await expect(page.getByLabel('Learning rate', { exact: true })).toHaveValue('0.03');
  await expect(page.getByLabel('Epochs', { exact: true })).toHaveValue('2');
});

test('a sweep of six runs waits in the queue, trains, and is seen as a whole', async ({ studio }) => {
  // Several trainings, one after the other.
  test.slow();
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await page.getByLabel('Batch size').fill('128');
  // The sweep is to wait behind a run for as long as its queue is looked at.
  await page.getByLabel('Epochs', { exact: true }).fill('1000');
  await page.getByRole('button', { name: 'Start training' }).click();
  await expect(page.getByText('running', { exact: true })).toBeVisible();
  await page.getByLabel('Epochs', { exact: true }).fill('1');
  await goTo(page, 'Runs');

  await page.getByRole('button', { name: 'Sweep…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Sweep over/ });
  await dialog.getByLabel('Values of learningRate').fill('1e-4…0.05 log');
  await dialog.getByRole('button', { name: 'Another setting' }).click();
  await dialog.getByPlaceholder('Setting').last().fill('optimizer.kind');
  await page.keyboard.press('Escape');
  const kinds = dialog.getByLabel('Values of optimizer.kind');
  await kinds.fill('SGD, SGD');
  await expect(dialog.getByText('A value stands there twice.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Start the sweep' })).toBeDisabled();
  await kinds.fill('SGD, Adam');
  await expect(dialog.getByRole('status')).toHaveText('6 runs of 1 epoch');
  await dialog.getByRole('button', { name: 'Start the sweep' }).click();

  await view(page, 'Queue');
  const queue = page.getByRole('region', { name: 'Queue' }).last();
  await queue.getByRole('button', { name: 'Move Sweep 1 · 6 up' }).click();
  await expect(queue.getByRole('listitem').last()).toContainText('Sweep 1 · 5');
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Stop' }).click();
  await goTo(page, 'Runs');

  await page.getByLabel('Filter runs').fill('sweep = "Sweep 1" and state = finished');
  await expect(rows(page)).toHaveCount(6, { timeout: 150_000 });
  await view(page, 'Coordinates');
  const coordinates = page.getByRole('img', { name: /^Parallel coordinates of 6 runs: .*lr/ });
  await expect(coordinates).toBeVisible();
  await expect(
    page.getByRole('region', { name: 'Which settings matter' }).getByText('lr', { exact: true }),
  ).toBeVisible();
  // A stretch of an axis keeps the runs that go through it, and the table with them; a click keeps all.
  const axes = (await coordinates.getAttribute('aria-label'))!.replace(/^.*runs: /, '').split(', ');
  const { x, y, width, height } = (await coordinates.boundingBox())!;
  const across = x + 40 + ((width - 100) * axes.indexOf('lr')) / (axes.length - 1);
  const [top, bottom] = [y + 34, y + height - 22];
  await page.mouse.move(across, top - 4);
  await page.mouse.down();
  await page.mouse.move(across, top + (bottom - top) / 4, { steps: 8 });
  await page.mouse.up();
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByRole('row', { name: /lr 0\.05/ })).toHaveCount(2);
  await page.getByRole('button', { name: 'Select 2 runs' }).click();
  await expect(page.getByText(/2 of .* 2 selected/)).toBeVisible();
  await page.mouse.click(across, bottom - 4);
  await expect(rows(page)).toHaveCount(6);

  await view(page, 'Scatter');
  await expect(
    page.getByRole('img', { name: /^Test accuracy against Parameters of 6 runs; on the front: Sweep 1/ }),
  ).toBeVisible();
  await page.getByLabel('Group by').selectOption('By optimizer');
  await expect(runsTable(page).getByRole('button', { name: /optimizer Adam 3 runs/ })).toBeVisible();
});
