/**
 * How a huge history feels in the window: what a person waits for, and the longest that the window was held up.
 * Prints figures; run by hand after a build: `node tests/bench/historyWindow.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { findChromium } from '../../scripts/chromium.mjs';
import { startWebHostProcess } from '../webHostProcess.ts';
import { HUGE, writeHistory } from './hugeHistory.ts';

const CURVES = { runs: 100, steps: 10_000 };

type Watched = { longest: number };

/** Of the tasks since the last question, in milliseconds; one under 50 counts as none. */
const longest = (page: Page) =>
  page.evaluate(() => {
    const watched = window as unknown as Watched;
    const found = watched.longest;
    watched.longest = 0;
    return found;
  });

function say(what: string, figure: number, unit = 'ms'): void {
  process.stdout.write(`${what.padEnd(60)} ${figure.toFixed(0).padStart(7)} ${unit}\n`);
}

async function timed(page: Page, what: string, work: () => Promise<void>): Promise<void> {
  await longest(page);
  const started = performance.now();
  await work();
  say(what, performance.now() - started);
  say('  the longest task', await longest(page));
}

async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched = Object.assign(window as unknown as Watched, { longest: 0 });
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) watched.longest = Math.max(watched.longest, duration);
    }).observe({ type: 'longtask', buffered: true });
  });
}

async function look(page: Page, address: string): Promise<void> {
  const table = page.getByRole('table', { name: 'Runs' });
  const elements = () => page.evaluate(() => document.querySelectorAll('*').length);
  await page.goto(address);
  await page.getByRole('navigation', { name: 'Places' }).waitFor();
  // As a person's second start: the window is known, the history is new.
  const started = performance.now();
  await page.reload();
  await page.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: 'Runs' }).click();
  await table.getByRole('row').nth(5).waitFor();
  say('from opening to the first rows', performance.now() - started);
  await page.getByText('reading the earlier ones').waitFor({ state: 'hidden' });
  await page.getByText(/10.?000 runs/).waitFor();
  say('from opening to the whole history', performance.now() - started);
  say('  the longest task', await longest(page));
  say('  elements', await elements(), '');

  const filter = page.getByLabel('Filter runs');
  for (const [text, found] of [
    ['accuracy > 0.8 and optimizer = adam and tag:baseline', /^25 of/],
    ['run 17', /^497 of/],
    ['', /10.?000 of/],
  ] as const) {
    await timed(page, `filter: ${text || 'nothing'}`, async () => {
      await filter.fill(text);
      await page.getByText(found).waitFor();
    });
  }
  await timed(page, 'columns of all settings', async () => {
    await page.getByRole('radiogroup', { name: 'Columns of settings' }).getByText('All').click();
    await table.and(page.locator('[aria-colcount="209"]')).waitFor();
  });
  say('  elements', await elements(), '');
  for (const [order, title] of [
    ['ascending', 'Val loss'],
    ['descending', 'Val loss'],
    ['ascending', 'Parameters'],
  ] as const) {
    await timed(page, `sort: ${title}, ${order}`, async () => {
      await table.getByRole('columnheader', { name: title, exact: true }).getByRole('button').click();
      await table.locator(`th[aria-sort="${order}"]`).waitFor();
    });
  }
  await overlay(page, filter);
}

async function overlay(page: Page, filter: ReturnType<Page['getByLabel']>): Promise<void> {
  await page.getByLabel('Metric').selectOption('Training loss');
  await filter.fill(`seed >= ${HUGE.runs - CURVES.runs}`);
  await page.getByText(/^100 of/).waitFor();
  await timed(page, `${CURVES.runs} runs of ${CURVES.steps} points laid over each other`, async () => {
    await page.getByLabel('Compare all that are shown').check();
    const all = `[data-points="${CURVES.steps}"][data-curves="${CURVES.runs}"]`;
    await page
      .getByRole('img', { name: /^Training loss: / })
      .and(page.locator(all))
      .waitFor();
  });
  say('  elements', await page.evaluate(() => document.querySelectorAll('*').length), '');
  const box = (await page.getByRole('img', { name: /^Training loss: / }).boundingBox())!;
  await timed(page, 'the cursor goes across them in 60 frames', async () => {
    for (let i = 0; i < 60; i++) {
      await page.mouse.move(box.x + (box.width * i) / 60, box.y + box.height / 2);
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
  });
}

const executablePath = findChromium();
const folder = mkdtempSync(join(tmpdir(), 'receptive-history-'));
writeHistory(folder, { ...HUGE, curves: CURVES });
const server = await startWebHostProcess(folder);
const browser = await chromium.launch({ ...(executablePath && { executablePath }) });
try {
  const page = await browser.newPage();
  await watch(page);
  await look(page, server.address);
} finally {
  await browser.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
