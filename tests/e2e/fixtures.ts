/**
 * What an end-to-end spec gets: a page with a fresh studio behind it, in the host that the project names. A spec
 * reads the same for both; what only one host can do asks `studio.host`.
 *
 *     test('…', async ({ studio }) => { await studio.page.getByRole('link', { name: 'Runs' }).click(); … });
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  test as base,
  type ConsoleMessage,
  _electron as electron,
  expect,
  type Page,
} from '@playwright/test';
import { electronPath } from '../../scripts/electron.mjs';
import { startWebHostProcess, studioPid } from '../webHostProcess.ts';

export { expect };

export interface StudioOptions {
  host: 'web' | 'desktop';
  /** More arguments for the web host, as `--root`. */
  hostArgs: string[];
}

export interface OpenStudio {
  readonly host: 'web' | 'desktop';
  readonly page: Page;
  /** Where the page is, token and all; of the desktop host `studio://app/`. */
  readonly url: string;
  /** A temporary folder, removed afterwards. */
  readonly workspace: string;
  /** Kills the studio process, as a crash would. */
  killStudio(): void;
  /** Errors that the page raised or logged since it opened. A spec fails on any that it did not clear. */
  readonly pageErrors: string[];
}

export const test = base.extend<StudioOptions & { workspace: string; studio: OpenStudio }>({
  host: ['web', { option: true }],
  hostArgs: [[], { option: true }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of this pattern.
  workspace: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'receptive-e2e-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },

  studio: async ({ host, hostArgs, workspace, browser, contextOptions }, use) => {
    const opened = host === 'web' ? await openWeb() : await openDesktop(workspace);
    const { page, url, close } = opened;
    const pageErrors: string[] = [];
    page.on('pageerror', error => pageErrors.push(String(error)));
    page.on('console', message => isError(message) && pageErrors.push(message.text()));
    if (host === 'web') await page.goto(url);
    await use({ host, page, url, workspace, pageErrors, killStudio: () => kill(workspace) });
    await close();
    expect(pageErrors).toEqual([]);

    async function openWeb() {
      const server = await startWebHostProcess(workspace, hostArgs);
      const context = await browser.newContext(contextOptions);
      const close = async () => {
        await context.close();
        await server.stop();
      };
      return { page: await context.newPage(), url: server.address, close };
    }
  },
});

async function openDesktop(workspace: string) {
  const executablePath = electronPath();
  if (!executablePath) throw new Error('The Electron runtime is not installed.');
  const app = await electron.launch({
    executablePath,
    args: [join(import.meta.dirname, '../..'), '--workspace', workspace],
  });
  const page = await app.firstWindow();
  return { page, url: page.url(), close: () => app.close() };
}

function kill(workspace: string): void {
  process.kill(studioPid(workspace), 'SIGKILL');
}

/** What a browser says of a connection that it lost is no defect of the page. */
function isError(message: ConsoleMessage): boolean {
  return message.type() === 'error' && !message.text().includes('WebSocket connection');
}
