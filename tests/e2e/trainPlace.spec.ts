/** The Train place: what a run would take before it starts, what one sees while it learns, and what helps when it fails. */
import { expect, test } from './fixtures.ts';
import { expectPoints, goTo, node, stop } from './gestures.ts';

test('before a run: what is in the way is mended, its cost is measured, a learning rate is found and taken', async ({
  studio,
}) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  const takes = page.getByRole('region', { name: 'What it takes' });
  await expect(takes).toContainText('MiB of memory, exactly.');
  await expect(takes).toContainText(/One epoch\d/);
  await expect(takes).toContainText('All training images fit into one batch');
  await expect(takes).toContainText(`${studio.workspace}/runs`);

  // Parts that a batch does not have: named, and mended by one step.
  const parts = page.getByLabel('Parts');
  await parts.fill('128');
  const problems = page.getByRole('region', { name: 'Problems' });
  await expect(problems).toContainText('A batch of 64 images cannot be computed in 128 parts.');
  await expect(page.getByRole('button', { name: 'Start training' })).toBeDisabled();
  await problems.getByRole('button', { name: 'Apply: Compute the batch at once' }).click();
  await expect(parts).toHaveValue('1');
  await expect(problems).toContainText('Network, settings and data fit each other.');

  // A weight for each class: typed, balanced, taken back.
  const weights = page.getByRole('group', { name: 'Class weights' });
  await weights.getByRole('button', { name: 'Each…' }).click();
  const ring = weights.getByLabel('Weight of ring');
  await ring.fill('two');
  await expect(weights).toContainText('A number is wanted');
  await ring.fill('2');
  await expect(weights.getByText('A number is wanted')).toHaveCount(0);
  await weights.getByRole('button', { name: 'Balance' }).click();
  await expect(ring).toHaveValue('1');
  await weights.getByRole('button', { name: 'Alike' }).click();
  await page.keyboard.press('ControlOrMeta+z');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(ring).toHaveValue('2');

  // An optimizer brings its usual rate, unless one was chosen; the schedule is drawn.
  const rate = page.getByLabel('Learning rate', { exact: true });
  const optimizer = page.getByRole('region', { name: 'Optimizer' }).getByLabel('Kind');
  await optimizer.selectOption('Adam');
  await expect(rate).toHaveValue('0.001');
  await rate.fill('0.05');
  await page.getByRole('button', { name: 'Use 0.001' }).click();
  await expect(rate).toHaveValue('0.001');
  await optimizer.selectOption('SGD');
  await expect(rate).toHaveValue('0.02');
  await page.getByRole('region', { name: 'Schedule' }).getByLabel('Kind').selectOption('CosineAnnealingLR');
  await expect(
    page.getByRole('img', { name: /^The rate over the run: from 0\.02 .* to [\d.e−]+$/ }),
  ).toBeVisible();

  await page.getByRole('button', { name: 'Find a learning rate' }).click();
  await expectPoints(page, 'Learning-rate finder', 5);
  // It may be done before it is cancelled.
  const again = page.getByRole('button', { name: 'Look again' });
  await expect(async () => {
    if (await again.isVisible()) await again.click();
    await page.getByRole('button', { name: 'Cancel' }).click({ timeout: 2000 });
    await expect(page.getByText('It was cancelled.')).toBeVisible({ timeout: 2000 });
  }).toPass();
  await again.click();
  const use = page.getByRole('button', { name: /^Use 0\.\d+$/ });
  await expect(use).toBeVisible({ timeout: 90_000 });
  const found = (await use.textContent())!.slice('Use '.length);
  await use.click();
  await expect(rate).toHaveValue(found);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(rate).toHaveValue('0.02');
});

test('a run is watched without holding up the canvas; one that diverges is explained and mended', async ({
  studio,
}) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await page.getByLabel('Epochs', { exact: true }).fill('200');
  await page.getByRole('button', { name: 'Start training' }).click();
  const predictions = page.getByRole('region', { name: 'Predictions' });
  await expect(predictions.getByRole('listitem')).toHaveCount(12);
  await expect(page.getByRole('button', { name: 'Add to the queue' })).toBeEnabled();
  const first = predictions.getByRole('listitem').first();
  const says = await first.getAttribute('aria-label');
  expect(says).toMatch(/^\w+; the network says \w+ \d+\s%, \w+ \d+\s%, \w+ \d+\s%$/);
  // It is asked again and again.
  await expect(first).not.toHaveAttribute('aria-label', says!, { timeout: 60_000 });

  // Events of the run draw nothing of the canvas, and a drag draws what is dragged.
  await goTo(page, 'Design');
  const before = await page.evaluate(() => {
    Object.assign(window, { renderCounts: {} });
    return new Promise<Record<string, number>>(resolve =>
      setTimeout(
        () => resolve((window as { renderCounts?: Record<string, number> }).renderCounts ?? {}),
        1500,
      ),
    );
  });
  // Health is laid over the canvas at most once in a hundred steps.
  expect((before.node ?? 0) + (before.edge ?? 0)).toBeLessThanOrEqual(60);
  const { x, y, width, height } = (await node(page, 'conv1').boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 80, y + height / 2 + 30, { steps: 20 });
  await page.mouse.up();
  await expect.poll(async () => (await node(page, 'conv1').boundingBox())!.x).toBeGreaterThan(x + 40);

  await goTo(page, 'Train');
  const matrix = page.getByRole('table', { name: 'Confusion matrix, images by true class and answer' });
  await expect(matrix).toBeVisible({ timeout: 60_000 });
  await expect(matrix.getByRole('row')).toHaveCount(11);
  await expect(page.getByRole('region', { name: 'Evaluation' })).toContainText(/F10\.\d{4}/);
  await page.getByRole('radiogroup', { name: 'Curves by' }).getByText('epoch').click();
  await expectPoints(page, 'Loss', 1);
  await page.getByRole('radiogroup', { name: 'Curves by' }).getByText('step').click();
  await stop(page);
  await expect(page.getByText('Nothing was wrong with this run.')).toBeVisible();

  const rate = page.getByLabel('Learning rate', { exact: true });
  await rate.fill('1000');
  await page.getByRole('button', { name: 'Start training' }).click();
  const doctor = page.getByRole('article', { name: 'Diverges' });
  await expect(doctor).toContainText('with a learning rate of 1000.', { timeout: 60_000 });
  await doctor.getByRole('button', { name: 'Lower the learning rate to 0.02' }).click();
  await expect(rate).toHaveValue('0.02');
  await expect(doctor.getByRole('button', { name: /Lower the learning rate/ })).toHaveCount(0);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(rate).toHaveValue('1000');
  await page.getByRole('radiogroup', { name: 'What is shown' }).getByText('Prepare').click();
  await expect(page.getByRole('region', { name: 'What it takes' })).toContainText(/One epoch\d/);
});
