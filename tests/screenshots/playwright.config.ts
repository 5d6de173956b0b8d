/** Draws the README's pictures anew: `npm run screenshots`. Not a test: nothing is compared. */
import { defineConfig } from '@playwright/test';
import base from '../../playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: '.',
  // The workspace has one name.
  workers: 1,
  testMatch: 'screenshots.ts',
  projects: [{ name: 'web' }],
});
