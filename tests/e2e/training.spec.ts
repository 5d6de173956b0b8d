/** From the first start to two runs side by side; and what a crash in the middle leaves. */
import { expect, test } from './fixtures.ts';
import { expectPoints, finished, goTo, node, pointsOf, start, stop, train } from './gestures.ts';

test('one press trains the sample; a second run with another setting is compared with it', async ({
  studio,
}) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await start(page, 'Shapes with pooling 1');
  await finished(page, 'Shapes with pooling 1');

  await train(page, 'Shapes with pooling 2');
  await expectPoints(page, 'Loss', 5);
  const before = await pointsOf(page, 'Loss');
  await expectPoints(page, 'Loss', before);

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('paused', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('running', { exact: true })).toBeVisible();

  const rate = page.getByLabel('Learning rate of this run');
  await rate.fill('0.01');
  await rate.press('Enter');
  await expectPoints(page, 'Loss', (await pointsOf(page, 'Loss')) + 2);
  await expect(rate).toHaveValue('0.01');
  await stop(page);

  await page.getByLabel('Learning rate', { exact: true }).fill('0.05');
  await page.getByLabel('Epochs').fill('1');
  await page.getByRole('button', { name: 'Start training' }).click();
  await finished(page, 'Shapes with pooling 3');
  await expect(
    page.getByRole('img', { name: /^Accuracy: training 0\.\d+, validation 0\.\d+/ }),
  ).toBeVisible();

  await goTo(page, 'Runs');
  const table = page.getByRole('table', { name: 'Runs' });
  await expect(table.getByRole('row', { name: /Shapes with pooling 1/ })).toContainText('lr 0.02');
  await expect(table.getByRole('row', { name: /Shapes with pooling 3/ })).toContainText('lr 0.05');
  await page.getByLabel('Compare Shapes with pooling 1').check();
  await page.getByLabel('Compare Shapes with pooling 2').uncheck();
  await page.getByLabel('Compare Shapes with pooling 3').check();
  await page.getByLabel('Metric').selectOption('Training loss');
  await expect(page.getByRole('img', { name: /^Training loss: .*pooling 3 \d.*pooling 1 \d/ })).toBeVisible();
  const differences = page.getByRole('region', { name: 'Differences' });
  await expect(differences.getByRole('row', { name: /^lr/ })).toContainText('0.05');
});

test('taking one run out of the comparison changes nothing of the other', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await page.getByLabel('Epochs').fill('1');
  for (const [i, rate] of ['0.01', '0.03'].entries()) {
    await page.getByLabel('Learning rate', { exact: true }).fill(rate);
    await page.getByRole('button', { name: 'Start training' }).click();
    await finished(page, `Shapes with pooling ${i + 1}`);
  }
  await goTo(page, 'Runs');
  const row = page.getByRole('table', { name: 'Runs' }).getByRole('row', { name: /pooling 1/ });
  const before = await row.textContent();
  await page.getByLabel('Compare Shapes with pooling 2').uncheck();
  expect(await row.textContent()).toBe(before);

  await page.getByRole('button', { name: 'Restore to canvas' }).click();
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await expect(page.getByLabel('Learning rate', { exact: true })).toHaveValue('0.01');
});

test('an invalid setting is explained and keeps training from starting', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  const batch = page.getByLabel('Batch size');
  await batch.fill('0');
  await expect(page.getByText('At least 1.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start training' })).toBeDisabled();
  await goTo(page, 'Design');
  await goTo(page, 'Train');
  await expect(batch).toHaveValue('0');
  await batch.fill('32');
  await expect(page.getByRole('button', { name: 'Start training' })).toBeEnabled();
});

test('a studio that is killed while it trains comes back, and the run goes on', async ({ studio }) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await train(page, 'Shapes with pooling 1');
  // Past the first epoch there is a checkpoint to go on from.
  await expect(page.getByRole('progressbar', { name: 'Progress' })).toHaveAttribute(
    'aria-valuetext',
    /epoch [1-9]/,
    { timeout: 60_000 },
  );
  const before = await pointsOf(page, 'Loss');
  studio.killStudio();
  await expect(page.getByText('The studio process stopped; starting it again…')).toBeVisible();
  await expect(page.getByText(/had stopped and was started again.*Shapes with pooling 1/)).toBeVisible();
  await expect(page.getByText('crashed', { exact: true })).toBeVisible();
  expect(await pointsOf(page, 'Loss')).toBeGreaterThanOrEqual(before);

  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('running', { exact: true })).toBeVisible();
  await expectPoints(page, 'Loss', 5);
  await stop(page);
});

test('optimizer, schedule, losses and augmentations are chosen, kept, undone, and trained with', async ({
  studio,
}) => {
  const { page } = studio;
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  const section = (name: string) => page.getByRole('region', { name, exact: true });
  await section('Optimizer').getByLabel('Kind').selectOption('AdamW');
  await expect(section('Optimizer').getByLabel('Beta 2')).toHaveValue('0.999');
  await section('Schedule').getByLabel('Kind').selectOption('MultiStepLR');
  const milestones = section('Schedule').getByLabel('At epochs');
  await milestones.fill('1, 2');
  await milestones.blur();
  await expect(milestones).toHaveValue('1, 2');

  const losses = section('Loss of the class');
  await losses.getByRole('button', { name: 'Add a loss' }).click();
  await expect(losses.getByLabel('Share')).toHaveCount(2);
  await losses.getByLabel('Share').last().fill('0.5');

  const augmentation = section('Augmentation');
  await augmentation.getByLabel('Add an augmentation').selectOption('RandomRotation');
  await augmentation.getByLabel('Add an augmentation').selectOption('RandomErasing');
  await augmentation.getByRole('button', { name: 'Move RandomErasing up' }).click();
  await augmentation.getByRole('button', { name: 'Remove RandomRotation' }).click();
  await expect(augmentation.getByLabel('Degrees')).toHaveCount(0);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(augmentation.getByLabel('Degrees')).toHaveValue('10');

  const clip = section('Regularisation').getByLabel('Largest gradient norm');
  await clip.fill('-1');
  await expect(page.getByText('A setting above is not valid yet.')).toBeVisible();
  await clip.fill('1');
  await page.getByLabel('Epochs', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Start training' }).click();
  await finished(page, 'Shapes with pooling 1');
});
