/**
 * How a huge history feels in the window: what a person waits for, and the longest that the window was held up, by the
 * clock and by the processor, which a busy machine does not change. Prints figures; run by hand after a build:
 * `node tests/bench/historyWindow.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CDPSession, chromium, type Page } from '@playwright/test';
import { findChromium } from '../../scripts/chromium.mjs';
import { startWebHostProcess } from '../webHostProcess.ts';
import { HUGE, writeHistory } from './hugeHistory.ts';

const CURVES = { runs: 100, steps: 10_000 };

/** What Chromium's tracing says of a piece of work: microseconds by the clock, and of the thread's processor time. */
interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

function say(what: string, figure: number, unit = 'ms'): void {
  process.stdout.write(`${what.padEnd(60)} ${figure.toFixed(0).padStart(7)} ${unit}\n`);
}

type Timed = (what: string, work: () => Promise<void>) => Promise<void>;

/** Times work, and the longest task of the window's thread meanwhile. */
function timing(client: CDPSession): Timed {
  let events: TraceEvent[] = [];
  client.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  return async (what, work) => {
    events = [];
    await client.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel'] } });
    const started = performance.now();
    await work();
    say(what, performance.now() - started);
    const complete = new Promise(resolve => client.once('Tracing.tracingComplete', resolve));
    await client.send('Tracing.end');
    await complete;
    const threads = events.filter(each => each.name === 'thread_name' && each.args.name === 'CrRendererMain');
    const tasks = events.filter(({ pid, tid }) => threads.some(each => each.pid === pid && each.tid === tid));
    const most = (of: 'dur' | 'tdur') => tasks.reduce((sum, each) => Math.max(sum, each[of] ?? 0), 0) / 1000;
    say('  the longest task', most('dur'));
    say('  of the processor', most('tdur'));
  };
}

async function look(page: Page, address: string): Promise<void> {
  const timed = timing(await page.context().newCDPSession(page));
  const table = page.getByRole('table', { name: 'Runs' });
  const elements = () => page.evaluate(() => document.querySelectorAll('*').length);
  await page.goto(address);
  await page.getByRole('navigation', { name: 'Places' }).waitFor();
  // As a person's second start: the window is known, the history is new.
  await timed('from opening to the whole history', async () => {
    const started = performance.now();
    await page.reload();
    await page.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: 'Runs' }).click();
    await table.getByRole('row').nth(5).waitFor();
    say('from opening to the first rows', performance.now() - started);
    await page.getByText('reading the earlier ones').waitFor({ state: 'hidden' });
    await page.getByText(/10.?000 runs/).waitFor();
  });
  say('  elements', await elements(), '');

  const filter = page.getByLabel('Filter runs');
  for (const [text, found] of [
    ['accuracy > 0.8 and optimizer = adam and tag:baseline', /^25 of/],
    ['run 17', /^497 of/],
    ['', /10.?000 of/],
  ] as const) {
    await timed(`filter: ${text || 'nothing'}`, async () => {
      await filter.fill(text);
      await page.getByText(found).waitFor();
    });
  }
  await timed('columns of all settings', async () => {
    await page.getByRole('radiogroup', { name: 'Columns of settings' }).getByText('All').click();
    await table.and(page.locator('[aria-colcount="209"]')).waitFor();
  });
  say('  elements', await elements(), '');
  for (const [order, title] of [
    ['ascending', 'Val loss'],
    ['descending', 'Val loss'],
    ['ascending', 'Parameters'],
  ] as const) {
    await timed(`sort: ${title}, ${order}`, async () => {
      await table.getByRole('columnheader', { name: title, exact: true }).getByRole('button').click();
      await table.locator(`th[aria-sort="${order}"]`).waitFor();
    });
  }
  await overlay(page, filter, timed);
}

async function overlay(page: Page, filter: ReturnType<Page['getByLabel']>, timed: Timed): Promise<void> {
  await page.getByLabel('Metric').selectOption('Training loss');
  await filter.fill(`seed >= ${HUGE.runs - CURVES.runs}`);
  await page.getByText(/^100 of/).waitFor();
  await timed(`${CURVES.runs} runs of ${CURVES.steps} points laid over each other`, async () => {
    await page.getByLabel('Compare all that are shown').check();
    const all = `[data-points="${CURVES.steps}"][data-curves="${CURVES.runs}"]`;
    await page
      .getByRole('img', { name: /^Training loss: / })
      .and(page.locator(all))
      .waitFor();
  });
  say('  elements', await page.evaluate(() => document.querySelectorAll('*').length), '');
  const box = (await page.getByRole('img', { name: /^Training loss: / }).boundingBox())!;
  await timed('the cursor goes across them in 60 frames', async () => {
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
  await look(page, server.address);
} finally {
  await browser.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
