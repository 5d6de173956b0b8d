/** How layers fare in training, laid over the canvas while it goes on. */
import { expect, test } from './fixtures.ts';
import { goTo, node, stop, train } from './gestures.ts';

test('while it trains, the canvas shows how layers fare, those in blocks too, and only of what was trained', async ({
  studio: { page },
}) => {
  const overlays = page.getByRole('radiogroup', { name: 'Shown over the canvas' });
  const choice = overlays.getByText('Health', { exact: true });
  await node(page, 'conv2').click();
  await node(page, 'relu2').click({ modifiers: ['Shift'] });
  await page.keyboard.press('Control+g');
  await expect(node(page, 'block1')).toBeVisible();
  await expect(choice).toHaveCount(0);

  await train(page, 'Shapes with pooling 1');
  await goTo(page, 'Design');
  await choice.click();
  const legend = page.getByRole('region', { name: 'Health of the layers' });
  await expect(legend).toContainText('Shapes with pooling 1');
  await expect(legend).toContainText('live');
  const step = async () =>
    Number(/Step ([\d\u2009]+)/.exec(await legend.innerText())![1]!.replace(/\D/g, ''));
  const first = await step();
  await expect.poll(step, { timeout: 60_000 }).toBeGreaterThan(first);

  const figure = /[Δ∇] [\d.e−]+|dead \d+/;
  const tinted = (name: string) => node(page, name).locator('.layer');
  for (const name of ['conv1', 'block1', 'fc1']) {
    await expect(tinted(name)).toContainText(figure);
    await expect(tinted(name)).toHaveAttribute('data-health', /good|watch|ill/);
  }
  await expect(tinted('relu1')).toHaveAttribute('title', /^relu1, .*: dead channels \d+\s%\. \w+/);
  await expect(tinted('flatten')).not.toHaveAttribute('data-health');

  await node(page, 'block1').click();
  const section = page.getByRole('region', { name: 'Health in training' });
  await expect(section).toContainText('block1.0.conv2: update ratio');
  await node(page, 'block1').dblclick();
  await expect(tinted('conv2')).toContainText(figure);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  await node(page, 'conv1').click();
  await expect(section).toContainText('Gradient norm');
  await page.getByLabel('Filters', { exact: true }).fill('7');
  await expect(tinted('conv1')).not.toHaveAttribute('data-health');
  await expect(section).toHaveCount(0);
  await expect(tinted('fc1')).toHaveAttribute('data-health', /good|watch|ill/);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(tinted('conv1')).toHaveAttribute('data-health', /good|watch|ill/);

  await goTo(page, 'Train');
  await stop(page);
  await goTo(page, 'Design');
  await expect(legend).not.toContainText('live');
});
