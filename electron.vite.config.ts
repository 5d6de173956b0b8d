/**
 * The build: processes and threads to `out/main` (flat: they find each other beside `import.meta.url`), the
 * preload script to `out/preload`, the window to `out/renderer`.
 */
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const source = (path: string) => resolve(import.meta.dirname, 'src', path);

export default defineConfig({
  main: {
    build: {
      target: 'node24',
      rolldownOptions: {
        input: {
          desktop: source('main/desktop/main.ts'),
          web: source('main/web/main.ts'),
          cli: source('main/cli/main.ts'),
          benchEngine: source('main/bench/engineContestant.ts'),
          studio: source('main/studio/main.ts'),
          decoder: source('main/studio/datasets/decode/decoderThread.ts'),
          pictureProcess: source('main/studio/datasets/decode/pictureProcess.ts'),
          readerThread: source('engine/runtime/readerThread.ts'),
          explainThread: source('main/studio/explain/explainThread.ts'),
          trainerThread: source('engine/runtime/trainerThread.ts'),
          trialThread: source('engine/runtime/trialThread.ts'),
          workerThread: source('engine/runtime/workerThread.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: 'node24',
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: source('main/desktop/preload.ts') },
        // A sandboxed preload script cannot be a module.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: source('renderer'),
    plugins: [react()],
    build: {
      target: 'chrome140',
      rolldownOptions: {
        input: { desktop: source('renderer/desktop.html'), web: source('renderer/web.html') },
      },
    },
  },
});
