/** Draws the README's pictures anew: `npm run screenshots`. Not a test: nothing is compared. */
import { defineConfig } from '@playwright/test';
import base from '../../playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: '.',
  testMatch: 'screenshots.ts',
  projects: [{ name: 'web' }],
});
