/** What a person does in the window, and looks at, by the names that a screen reader says. */
import { expect, type Locator, type Page } from '@playwright/test';

/** Goes to one of the places in the rail. */
export async function goTo(
  page: Page,
  place: 'Design' | 'Data' | 'Train' | 'Runs' | 'Explain',
): Promise<void> {
  const rail = page.getByRole('navigation', { name: 'Places' });
  await rail.getByRole('button', { name: place }).click();
}

/** A node on the canvas, by its name: `conv1`. */
export function node(page: Page, name: string): Locator {
  return page.getByRole('group', { name: new RegExp(`^${name}, `) });
}

/** The pill on the edge between two nodes of the sample, whose ids are their names. */
export function edge(page: Page, source: string, target: string): Locator {
  return page.getByTestId(`edge-${source}-${target}`);
}

export function layerInPalette(page: Page, kind: string): Locator {
  const palette = page.getByRole('complementary', { name: 'Layers' });
  return palette.getByRole('button', { name: kind, exact: true });
}

/** How many points the longest curve of a chart has. */
export async function pointsOf(page: Page, chart: string): Promise<number> {
  const image = page.getByRole('img', { name: new RegExp(`^${chart}: `) });
  return Number(await image.getAttribute('data-points'));
}

/** Waits until a chart has more points than some number. */
export async function expectPoints(page: Page, chart: string, more: number): Promise<void> {
  await expect.poll(() => pointsOf(page, chart), { timeout: 60_000 }).toBeGreaterThan(more);
}

/** The status bar's text, with plain spaces. */
export async function status(page: Page): Promise<string> {
  return ((await page.getByRole('contentinfo').textContent()) ?? '').replace(/\s+/g, ' ');
}

/** Presses ▶ in the header and waits until the run of that name is shown, whatever has become of it. */
export async function start(page: Page, run: string): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'Train' }).click();
  await expect(page.getByRole('region', { name: `Run ${run}`, exact: true })).toBeVisible();
}

/** Starts a run of more epochs than anybody waits for: it goes on until it is stopped. */
export async function train(page: Page, run: string): Promise<void> {
  await goTo(page, 'Train');
  await page.getByLabel('Epochs', { exact: true }).fill('1000');
  await start(page, run);
}

export async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('stopped', { exact: true })).toBeVisible();
}

/** The run of that name has ended. That it ran may be over before anybody looks. */
export async function finished(page: Page, run: string): Promise<void> {
  const live = page.getByRole('region', { name: `Run ${run}`, exact: true });
  await expect(live.getByText('finished', { exact: true })).toBeVisible({ timeout: 60_000 });
}

/** A new project with nothing in it. */
export async function newProject(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menuitem', { name: 'New project…' }).click();
  const dialog = page.getByRole('dialog', { name: 'New project' });
  await dialog.getByText('Empty canvas').click();
  await dialog.getByRole('button', { name: 'Create the project' }).click();
  await expect(dialog).toHaveCount(0);
  // It begins with the Input of its images.
  await expect(node(page, 'conv1')).toHaveCount(0);
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
}

/** Puts a text on the system's clipboard, as another program would. */
export async function copyText(page: Page, text: string): Promise<void> {
  await page.evaluate(value => {
    const area = document.createElement('textarea');
    area.value = value;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }, text);
}
