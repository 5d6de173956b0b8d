/** A run goes on, and another network begins with what it learnt. */
import { expect, test } from './fixtures.ts';
import { goTo, node } from './gestures.ts';

test('a run that lost patience goes on; a changed network begins with its weights, some of them frozen', async ({
  studio,
}) => {
  // Several trainings, one after the other.
  test.slow();
  const { page } = studio;
  const act = async (action: string) => {
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  const only = async (wanted: string, other: string) => {
    await page.getByRole('checkbox', { name: `Compare ${wanted}`, exact: true }).check();
    await page.getByRole('checkbox', { name: `Compare ${other}`, exact: true }).uncheck();
  };
  const finished = page.getByText('finished', { exact: true });
  await expect(node(page, 'conv1')).toBeVisible();
  await goTo(page, 'Train');
  await page.getByLabel('Epochs', { exact: true }).fill('5');
  // So slow that no epoch is better than the first.
  await page.getByLabel('Learning rate', { exact: true }).fill('1e-30');
  await page.getByLabel('Patience', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Start training' }).click();
  await expect(finished).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^2 of 5$/)).toBeVisible();

  await goTo(page, 'Runs');
  await act('Continue with more epochs…');
  await expect(page.getByText(/patience of 1 epoch is counted anew/)).toBeVisible();
  await page.getByLabel('Epochs in all').fill('8');
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await goTo(page, 'Train');
  await expect(page.getByText(/^3 of 8$/)).toBeVisible({ timeout: 60_000 });
  await expect(finished).toBeVisible({ timeout: 60_000 });

  // A wider layer: what is behind it fits no more.
  await goTo(page, 'Design');
  await node(page, 'conv2').click();
  await page.getByLabel('Filters', { exact: true }).fill('48');
  await goTo(page, 'Runs');
  await act('Fine-tune the open project from it…');
  const dialog = page.getByRole('dialog', { name: /^Fine-tune Shapes with pooling from/ });
  await expect(dialog.getByRole('status')).toContainText('2 of 4 layers begin with its best weights');
  await expect(dialog.getByRole('row', { name: /^conv2/ })).toContainText(
    'Its conv2.weight is 32×16×3×3, here it is 48×16×3×3.',
  );
  await expect(dialog.getByLabel('Freeze conv2')).toBeDisabled();
  await dialog.getByLabel('Freeze all that is taken').check();
  await expect(dialog.getByLabel('Freeze fc2')).toBeChecked();
  await dialog.getByLabel('Freeze fc2').uncheck();
  const rate = dialog.getByLabel('Learning rate');
  await rate.fill('0');
  await expect(dialog.getByRole('button', { name: 'Train', exact: true })).toBeDisabled();
  await rate.fill('0.01');
  await dialog.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Shapes with pooling 2' })).toBeVisible();
  await expect(page.getByText(/, from the weights of Shapes with pooling 1$/)).toBeVisible();
  await expect(finished).toBeVisible({ timeout: 60_000 });

  await goTo(page, 'Runs');
  await only('Shapes with pooling 2', 'Shapes with pooling 1');
  await page.getByRole('button', { name: 'Restore to canvas' }).click();
  await node(page, 'conv1').click();
  await expect(page.getByRole('switch', { name: 'Frozen' })).toBeChecked();
  await node(page, 'fc2').click();
  await expect(page.getByRole('switch', { name: 'Frozen' })).not.toBeChecked();
});
