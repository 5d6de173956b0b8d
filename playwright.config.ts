/**
 * The end-to-end tests: one set of specs for both hosts. The desktop host is tried where the Electron runtime is
 * installed; the web host everywhere, in the Chromium or Chrome of this machine.
 */
import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/chromium.mjs';
import { electronPath } from './scripts/electron.mjs';
import type { StudioOptions } from './tests/e2e/fixtures.ts';

const executablePath = findChromium();
const isRoot = process.getuid?.() === 0;

export default defineConfig<StudioOptions>({
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  // Every test has a studio of its own, which mostly waits for the page: two at a time, and without haste.
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env.CI),
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [
        // A camera that every machine has.
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        // Chromium's own sandbox does not start as root.
        ...(isRoot ? ['--no-sandbox'] : []),
      ],
    },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'web', use: { host: 'web' } },
    ...(electronPath() ? [{ name: 'desktop', use: { host: 'desktop' as const } }] : []),
  ],
});
