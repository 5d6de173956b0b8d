import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/e2e/**'],
    // Real processes, databases and images: a slow machine must not fail a sound test.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
