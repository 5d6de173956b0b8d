import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    exclude: ['tests/e2e/**'],
    // Of two processors vitest by itself would use one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The desktop host's own code runs with a stand-in: the runtime is not installed everywhere.
    alias: { electron: join(import.meta.dirname, 'tests/desktop/electron.ts') },
    // Processes that tests start read the sources: compiled once, they start three times as fast.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') },
    // Real processes, databases and images: a slow machine must not fail a sound test.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // `--coverage` prints how much of the sources is reached.
    coverage: { include: ['src/**/*.{ts,tsx}'], reporter: ['text-summary'] },
    expect: { poll: { timeout: 30_000 } },
  },
});
